// SPDX-License-Identifier: Apache-2.0
// Trees of expressions.
#include <gtest/gtest.h>

#include "sql/syntax/dump.h"
#include "sql/syntax/parser.h"

namespace tarn::sql::syntax {
namespace {

struct Case {
  std::string_view text;
  std::string_view tree;
};

TEST(ParseExpression, Operators) {
  const Case cases[] = {
      {R"(1 + 2 * 3 - 4)",
       R"((Binary op=Subtract left=(Binary op=Add left=1 right=(Binary op=Multiply left=2 right=3)) )"
       R"(right=4))"},
      {R"(a - b - c)", R"((Binary op=Subtract left=(Binary op=Subtract left=A right=B) right=C))"},
      {R"(a || b + c)", R"((Binary op=Add left=(Binary op=Concatenate left=A right=B) right=C))"},
      {R"(-a::INT)", R"((Unary op=Negate operand=(Cast operand=A type=(DataType name=INT))))"},
      {R"(NOT a = b AND c OR d)",
       R"((Logical op=Or operands=[(Logical op=And operands=[(Unary op=Not operand=(Binary op=Equal )"
       R"(left=A right=B)) C]) D]))"},
      {R"(a AND b AND (c AND d))",
       R"((Logical op=And operands=[A B (Logical op=And operands=[C D])]))"},
      {R"(a = b = c)", R"((Binary op=Equal left=(Binary op=Equal left=A right=B) right=C))"},
      {R"(a IS NULL = b)", R"((Binary op=Equal left=(IsTest operand=A truth=Null) right=B))"},
      {R"(a NOT BETWEEN 1 AND 2 AND c)",
       R"((Logical op=And operands=[(Between operand=A low=1 high=2 negated=true) C]))"},
      {R"(a NOT IN (1, 2))", R"((InList operand=A values=[1 2] negated=true))"},
      {R"(a IN ((SELECT 1)))",
       R"((InQuery operand=A query=(Query body=(Select items=[(SelectItem value=1)]))))"},
      {R"((a, b) IN ((1, 2)))",
       R"((InList operand=(Row elements=[A B]) values=[(Row elements=[1 2])]))"},
      {R"(a LIKE 'x' ESCAPE '!' = b)",
       R"((Binary op=Equal left=(PatternMatch kind=Like operand=A patterns=['x'] escape='!') right=B))"},
      {R"(a NOT ILIKE ANY ('x', 'y'))",
       R"((PatternMatch kind=Ilike quantifier=Any negated=true operand=A patterns=['x' 'y']))"},
      {R"(a <> SOME (SELECT 1))",
       R"((QuantifiedComparison op=NotEqual quantifier=Any operand=A query=(Query body=(Select )"
       R"(items=[(SelectItem value=1)]))))"},
      {R"(src:a.B[0]."c d"::INT > 0)",
       R"((Binary op=Greater left=(Cast operand=(Path base=SRC steps=[(PathStep key='a') (PathStep )"
       R"(key='B') (PathStep index=0) (PathStep key='c d')]) type=(DataType name=INT)) right=0))"},
  };
  for (const Case& test : cases) {
    const auto tree = ParseExpression(test.text);
    ASSERT_TRUE(tree.has_value()) << test.text << "\n" << tree.error().message;
    EXPECT_EQ(Dump(*tree), test.tree) << test.text;
  }
}

TEST(ParseExpression, PathsCallsAndConstants) {
  const Case cases[] = {
      {R"(c['k'].x)", R"((Path base=C steps=[(PathStep index='k') (PathStep key='x')]))"},
      {R"(t.$1:a)",
       R"((Path base=(PositionalColumn qualifier=[T] number='1') steps=[(PathStep key='a')]))"},
      {R"(x:a:b)", R"((Path base=X steps=[(PathStep key='a') (PathStep key='b')]))"},
      {R"(a COLLATE 'en' || b)",
       R"((Binary op=Concatenate left=(Collate operand=A collation='en') right=B))"},
      {R"(db.s.f(a => 1, DISTINCT_ => 2))",
       R"((FunctionCall name=DB.S.F arguments=[(Argument name=A value=1) (Argument name=DISTINCT_ )"
       R"(value=2)]))"},
      {R"(COUNT(DISTINCT a, b))",
       R"((FunctionCall name=COUNT arguments=[(Argument value=A) (Argument value=B)] distinct=true))"},
      {R"(COUNT(t.*))",
       R"((FunctionCall name=COUNT arguments=[(Argument value=(Star qualifier=[T]))]))"},
      {R"(LAG(x) IGNORE NULLS OVER (PARTITION BY y ORDER BY z DESC NULLS LAST ROWS BETWEEN 1 )"
       R"(PRECEDING AND CURRENT ROW))",
       R"((FunctionCall name=LAG arguments=[(Argument value=X)] over=(WindowSpecification )"
       R"(partition_by=[Y] order_by=[(OrderItem value=Z descending=true nulls=Last)] )"
       R"(frame=(WindowFrame unit=Rows start=(FrameEdge bound=Preceding offset=1) end=(FrameEdge )"
       R"(bound=CurrentRow))) nulls=Ignore))"},
      {R"(LISTAGG(a, ',') WITHIN GROUP (ORDER BY b))",
       R"((FunctionCall name=LISTAGG arguments=[(Argument value=A) (Argument value=',')] )"
       R"(within_group=[(OrderItem value=B)]))"},
      {R"(SUM(x) OVER w)",
       R"((FunctionCall name=SUM arguments=[(Argument value=X)] over=(WindowSpecification base=W )"
       R"(name_only=true)))"},
      {R"(f(x -> x + 1, (a INT, b) -> a))",
       R"((FunctionCall name=F arguments=[(Argument value=(Lambda parameters=[(LambdaParameter )"
       R"(name=X)] body=(Binary op=Add left=X right=1))) (Argument value=(Lambda )"
       R"(parameters=[(LambdaParameter name=A type=(DataType name=INT)) (LambdaParameter name=B)] )"
       R"(body=A))]))"},
      {R"(CASE a WHEN 1 THEN 'x' ELSE 'y' END)",
       R"((Case operand=A branches=[(CaseBranch when=1 then='x')] otherwise='y'))"},
      {R"(CURRENT_DATE)", R"((FunctionCall name=CURRENT_DATE bare=true))"},
      {R"(current_date())", R"((FunctionCall name=CURRENT_DATE))"},
      {R"({'a': 1, **b})",
       R"((ObjectConstant entries=[(ObjectEntry key='a' value=1) (ObjectEntry value=(Unary op=Spread )"
       R"(operand=B))]))"},
      {R"([1, [2]])", R"((ArrayConstant elements=[1 (ArrayConstant elements=[2])]))"},
      {R"(POSITION('a' IN b))",
       R"((FunctionCall name=POSITION arguments=[(Argument value='a') (Argument value=B)]))"},
      {R"(EXTRACT(Year FROM d))", R"((Extract part='year' operand=D))"},
      {R"(DATE '2024-01-01' + INTERVAL '1 day, 2 hours')",
       R"((Binary op=Add left=(TypedLiteral type='DATE' text='2024-01-01') right=(IntervalLiteral )"
       R"(text='1 day, 2 hours')))"},
      {R"($v || ? || :1 || :Name)",
       R"((Binary op=Concatenate left=(Binary op=Concatenate left=(Binary op=Concatenate )"
       R"(left=(SessionVariable name=V) right=(BindVariable)) right=(BindVariable number='1')) )"
       R"(right=(BindVariable name=[NAME])))"},
      {R"(IDENTIFIER('a.b'))", R"((Identifier 'a.b'))"},
      {R"(b.y(+))", R"((OuterMark column=B.Y))"},
      {R"(m!PREDICT(1))", R"((FunctionCall name=M method=PREDICT arguments=[(Argument value=1)]))"},
      {R"(X'0aFF')", R"(X'0aFF')"},
      {R"(a::NUMBER(10, 2))",
       R"((Cast operand=A type=(DataType name=NUMBER arguments=['10' '2'])))"},
      {R"(CAST(a AS OBJECT(x INT NOT NULL, "y" ARRAY(VARCHAR))))",
       R"((Cast operand=A type=(DataType name=OBJECT fields=[(TypeField name=X type=(DataType )"
       R"(name=INT not_null=true)) (TypeField name="y" type=(DataType name=ARRAY fields=[(TypeField )"
       R"(type=(DataType name=VARCHAR))] structured=true))] structured=true)))"},
      {R"(TRY_CAST(a AS TIMESTAMP WITH TIME ZONE))",
       R"((Cast operand=A type=(DataType name=TIMESTAMP suffix='WITH TIME ZONE') try_cast=true))"},
  };
  for (const Case& test : cases) {
    const auto tree = ParseExpression(test.text);
    ASSERT_TRUE(tree.has_value()) << test.text << "\n" << tree.error().message;
    EXPECT_EQ(Dump(*tree), test.tree) << test.text;
  }
}

}  // namespace
}  // namespace tarn::sql::syntax
