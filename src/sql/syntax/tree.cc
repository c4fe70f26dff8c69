// SPDX-License-Identifier: Apache-2.0
// The pointers of the tree, compiled once, where every type is complete.
#include "sql/syntax/statement.h"

namespace tarn::sql::syntax {

template class Box<ExpressionNode>;
template class Box<WindowSpecification>;
template class Box<Query>;
template class Box<TableExpressionNode>;
template class Box<Statement>;
template class Box<OptionValueNode>;
template class Box<CreateRoutine>;

}  // namespace tarn::sql::syntax
