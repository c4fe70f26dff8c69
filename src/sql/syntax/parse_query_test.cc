// SPDX-License-Identifier: Apache-2.0
// Trees of queries.
#include <gtest/gtest.h>

#include "sql/syntax/dump.h"
#include "sql/syntax/parser.h"

namespace tarn::sql::syntax {
namespace {

struct Case {
  std::string_view text;
  std::string_view tree;
};

TEST(ParseQuery, ClausesAndSetOperators) {
  const Case cases[] = {
      {R"(SELECT DISTINCT TOP 5 a, b AS "x y", t.* EXCLUDE (c) REPLACE (1 AS d) RENAME (e AS f) FROM t)",
       R"((QueryStatement query=(Query body=(Select distinct=true top=5 items=[(SelectItem value=A) )"
       R"((SelectItem value=B alias="x y") (SelectItem value=(Star qualifier=[T] exclude=[C] )"
       R"(replace=[(StarReplacement value=1 name=D)] rename=[(StarRename from=E to=F)]))] )"
       R"(from=[(TableExpression value=(NamedTable name=T))]))))"},
      {R"(SELECT a INTO :x FROM t WHERE a > 1 GROUP BY a, ROLLUP (b, (c, d)) HAVING b QUALIFY c ORDER )"
       R"(BY a DESC NULLS FIRST LIMIT 1 OFFSET 2)",
       R"((QueryStatement query=(Query body=(Select items=[(SelectItem value=A)] into=[(BindVariable )"
       R"(name=[X])] from=[(TableExpression value=(NamedTable name=T))] where=(Binary op=Greater )"
       R"(left=A right=1) group_by=[(GroupingElement kind=Expression groups=[[A]]) (GroupingElement )"
       R"(kind=Rollup groups=[[B] [C D]])] having=B qualify=C) order_by=[(OrderItem value=A )"
       R"(descending=true nulls=First)] limit=(RowLimit limit=1 offset=2))))"},
      {R"(SELECT a FROM t GROUP BY ALL ORDER BY ALL DESC FETCH FIRST 3 ROWS ONLY)",
       R"((QueryStatement query=(Query body=(Select items=[(SelectItem value=A)] )"
       R"(from=[(TableExpression value=(NamedTable name=T))] group_by_all=true) )"
       R"(order_by_all=(OrderByAll descending=true) limit=(RowLimit limit=3))))"},
      {R"(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)",
       R"((QueryStatement query=(Query body=(SetOperation op=Union all=true operands=[(Query )"
       R"(body=(Select items=[(SelectItem value=1)])) (Query body=(Select items=[(SelectItem )"
       R"(value=2)])) (Query body=(Select items=[(SelectItem value=3)]))]))))"},
      {R"(SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 EXCEPT SELECT 4)",
       R"((QueryStatement query=(Query body=(SetOperation op=Except operands=[(Query )"
       R"(body=(SetOperation op=Union operands=[(Query body=(Select items=[(SelectItem value=1)])) )"
       R"((Query body=(SetOperation op=Intersect operands=[(Query body=(Select items=[(SelectItem )"
       R"(value=2)])) (Query body=(Select items=[(SelectItem value=3)]))]))])) (Query body=(Select )"
       R"(items=[(SelectItem value=4)]))]))))"},
      {R"((SELECT 1 UNION ALL SELECT 2) UNION ALL SELECT 3)",
       R"((QueryStatement query=(Query body=(SetOperation op=Union all=true operands=[(Query )"
       R"(body=(SetOperation op=Union all=true operands=[(Query body=(Select items=[(SelectItem )"
       R"(value=1)])) (Query body=(Select items=[(SelectItem value=2)]))])) (Query body=(Select )"
       R"(items=[(SelectItem value=3)]))]))))"},
      {R"((SELECT 1 LIMIT 1) LIMIT 2)",
       R"((QueryStatement query=(Query body=(NestedQuery query=(Query body=(Select items=[(SelectItem )"
       R"(value=1)]) limit=(RowLimit limit=1))) limit=(RowLimit limit=2))))"},
      {R"(WITH RECURSIVE x (n) AS (SELECT 1), y AS (SELECT 2) SELECT n FROM x)",
       R"((QueryStatement query=(Query recursive=true with=[(CommonTable name=X columns=[N] )"
       R"(query=(Query body=(Select items=[(SelectItem value=1)]))) (CommonTable name=Y query=(Query )"
       R"(body=(Select items=[(SelectItem value=2)])))] body=(Select items=[(SelectItem value=N)] )"
       R"(from=[(TableExpression value=(NamedTable name=X))]))))"},
  };
  for (const Case& test : cases) {
    const auto tree = ParseStatement(test.text);
    ASSERT_TRUE(tree.has_value()) << test.text << "\n" << tree.error().message;
    EXPECT_EQ(Dump(*tree), test.tree) << test.text;
  }
}

TEST(ParseQuery, FromItems) {
  const Case cases[] = {
      {R"(SELECT 1 FROM a LEFT JOIN b ON a.x = b.x CROSS JOIN c JOIN (d NATURAL JOIN e) USING (k), f)",
       R"((QueryStatement query=(Query body=(Select items=[(SelectItem value=1)] )"
       R"(from=[(TableExpression value=(Join kind=Inner left=(TableExpression value=(Join kind=Cross )"
       R"(left=(TableExpression value=(Join kind=Left left=(TableExpression value=(NamedTable )"
       R"(name=A)) right=(TableExpression value=(NamedTable name=B)) on=(Binary op=Equal left=A.X )"
       R"(right=B.X))) right=(TableExpression value=(NamedTable name=C)))) right=(TableExpression )"
       R"(value=(Join kind=Inner natural=true left=(TableExpression value=(NamedTable name=D)) )"
       R"(right=(TableExpression value=(NamedTable name=E)))) columns=[K])) (TableExpression )"
       R"(value=(NamedTable name=F))]))))"},
      {R"(SELECT 1 FROM l ASOF JOIN r MATCH_CONDITION (l.t >= r.t) ON l.k = r.k)",
       R"((QueryStatement query=(Query body=(Select items=[(SelectItem value=1)] )"
       R"(from=[(TableExpression value=(Join kind=Asof left=(TableExpression value=(NamedTable )"
       R"(name=L)) right=(TableExpression value=(NamedTable name=R)) match_condition=(Binary )"
       R"(op=GreaterEqual left=L.T right=R.T) on=(Binary op=Equal left=L.K right=R.K)))]))))"},
      {R"(SELECT 1 FROM t AT (OFFSET => -60) AS x SAMPLE BLOCK (5) SEED (1), u CHANGES (INFORMATION )"
       R"(=> APPEND_ONLY) BEFORE (STATEMENT => 'q'))",
       R"((QueryStatement query=(Query body=(Select items=[(SelectItem value=1)] )"
       R"(from=[(TableExpression value=(NamedTable name=T time_travel=(TimeTravel kind=At )"
       R"(point='OFFSET' value=(Unary op=Negate operand=60))) alias=(TableAlias name=X) )"
       R"(sample=(Sample method=Block amount=5 seed=1)) (TableExpression value=(NamedTable name=U )"
       R"(changes=(Changes append_only=true start=(TimeTravel kind=Before point='STATEMENT' )"
       R"(value='q'))))]))))"},
      {R"(SELECT 1 FROM t, LATERAL FLATTEN(INPUT => t.a) f (s, k), TABLE(GENERATOR(ROWCOUNT => 2)), )"
       R"(LATERAL (SELECT 1) q)",
       R"((QueryStatement query=(Query body=(Select items=[(SelectItem value=1)] )"
       R"(from=[(TableExpression value=(NamedTable name=T)) (TableExpression value=(TableFunction )"
       R"(call=(FunctionCall name=FLATTEN arguments=[(Argument name=INPUT value=T.A)]) lateral=true) )"
       R"(alias=(TableAlias name=F columns=[S K])) (TableExpression value=(TableFunction )"
       R"(call=(FunctionCall name=GENERATOR arguments=[(Argument name=ROWCOUNT value=2)]) )"
       R"(table_keyword=true)) (TableExpression value=(DerivedTable query=(Query body=(Select )"
       R"(items=[(SelectItem value=1)])) lateral=true) alias=(TableAlias name=Q))]))))"},
      {R"(SELECT 1 FROM @st/a.csv (FILE_FORMAT => f) s, DIRECTORY(@db.st), VALUES (1), (2) AS v (c), )"
       R"(TABLE('t'), IDENTIFIER($t))",
       R"((QueryStatement query=(Query body=(Select items=[(SelectItem value=1)] )"
       R"(from=[(TableExpression value=(StagedFiles stage=(StageReference location='st/a.csv') )"
       R"(options=[(Argument name=FILE_FORMAT value=F)]) alias=(TableAlias name=S)) (TableExpression )"
       R"(value=(DirectoryTable stage=(StageReference location='db.st'))) (TableExpression )"
       R"(value=(DerivedTable query=(Query body=(Values rows=[[1] [2]]))) alias=(TableAlias name=V )"
       R"(columns=[C])) (TableExpression value=(TableFunction call='t' table_keyword=true)) )"
       R"((TableExpression value=(NamedTable name=(Identifier (SessionVariable name=T))))]))))"},
      {R"(SELECT 1 FROM t PIVOT (SUM(a) AS s FOR q IN ('x' AS y, 'z') DEFAULT ON NULL (0)) AS p )"
       R"(UNPIVOT (v FOR k IN (c AS 'd')))",
       R"((QueryStatement query=(Query body=(Select items=[(SelectItem value=1)] )"
       R"(from=[(TableExpression value=(Unpivot input=(TableExpression value=(Pivot )"
       R"(input=(TableExpression value=(NamedTable name=T)) aggregates=[(PivotValue )"
       R"(value=(FunctionCall name=SUM arguments=[(Argument value=A)]) alias=S)] column=Q )"
       R"(domain=Values values=[(PivotValue value='x' alias=Y) (PivotValue value='z')] )"
       R"(default_on_null=0) alias=(TableAlias name=P)) value=V name=K columns=[(PivotValue value=C )"
       R"(alias="d")]))]))))"},
      {R"(SELECT 1 FROM t START WITH a CONNECT BY PRIOR b = c)",
       R"((QueryStatement query=(Query body=(Select items=[(SelectItem value=1)] )"
       R"(from=[(TableExpression value=(NamedTable name=T))] hierarchy=(Hierarchy start_with=A )"
       R"(connect_by=(Binary op=Equal left=(Unary op=Prior operand=B) right=C))))))"},
  };
  for (const Case& test : cases) {
    const auto tree = ParseStatement(test.text);
    ASSERT_TRUE(tree.has_value()) << test.text << "\n" << tree.error().message;
    EXPECT_EQ(Dump(*tree), test.tree) << test.text;
  }
}

}  // namespace
}  // namespace tarn::sql::syntax
