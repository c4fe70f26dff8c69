// SPDX-License-Identifier: Apache-2.0
// Trees of statements.
#include <gtest/gtest.h>

#include "sql/syntax/dump.h"
#include "sql/syntax/parser.h"

namespace tarn::sql::syntax {
namespace {

struct Case {
  std::string_view text;
  std::string_view tree;
};

TEST(ParseStatement, RowsFilesAndSessions) {
  const Case cases[] = {
      {R"(SHOW TABLES ->> SELECT "name" FROM $1)",
       R"((Flow steps=[(Show what='TABLES' kind='TABLE') (QueryStatement query=(Query body=(Select )"
       R"(items=[(SelectItem value="name")] from=[(TableExpression value=(PipedResult )"
       R"(number='1'))])))]))"},
      {R"(INSERT OVERWRITE INTO db.s.t (a, "b") VALUES (1, DEFAULT), (2, NULL))",
       R"((Insert overwrite=true table=DB.S.T columns=[A "b"] source=(Query body=(Values rows=[[1 )"
       R"((DefaultValue)] [2 NULL]]))))"},
      {R"(INSERT FIRST WHEN a > 1 THEN INTO t (x) VALUES (a) INTO u ELSE INTO v SELECT a FROM s)",
       R"((MultiTableInsert first=true branches=[(InsertBranch condition=(Binary op=Greater left=A )"
       R"(right=1) targets=[(InsertTarget table=T columns=[X] values=[A]) (InsertTarget table=U)]) )"
       R"((InsertBranch targets=[(InsertTarget table=V)])] source=(Query body=(Select )"
       R"(items=[(SelectItem value=A)] from=[(TableExpression value=(NamedTable name=S))]))))"},
      {R"(UPDATE t AS x SET a = DEFAULT, x.b = y.c FROM y WHERE x.k = y.k)",
       R"((Update table=T alias=(TableAlias name=X) assignments=[(ColumnAssignment column=[A] )"
       R"(value=(DefaultValue)) (ColumnAssignment column=[X B] value=Y.C)] from=[(TableExpression )"
       R"(value=(NamedTable name=Y))] where=(Binary op=Equal left=X.K right=Y.K)))"},
      {R"(DELETE FROM t USING u WHERE t.a = u.a)",
       R"((Delete table=T from=[(TableExpression value=(NamedTable name=U))] where=(Binary op=Equal )"
       R"(left=T.A right=U.A)))"},
      {R"(MERGE INTO t USING s AS q ON t.a = q.a WHEN MATCHED AND q.d THEN DELETE WHEN MATCHED THEN )"
       R"(UPDATE SET b = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (q.a))",
       R"((Merge table=T source=(TableExpression value=(NamedTable name=S) alias=(TableAlias name=Q)) )"
       R"(on=(Binary op=Equal left=T.A right=Q.A) clauses=[(MergeClause action=Delete condition=Q.D) )"
       R"((MergeClause action=Update assignments=[(ColumnAssignment column=[B] value=1)]) )"
       R"((MergeClause action=Insert columns=[A] values=[Q.A])]))"},
      {R"(COPY INTO t (a) FROM @st/p FILES = ('x', 'y') FILE_FORMAT = (TYPE = CSV SKIP_HEADER = 1) )"
       R"(ON_ERROR = CONTINUE)",
       R"((CopyIntoTable table=T columns=[A] source=(StageReference location='st/p') options=[(Option )"
       R"(key='FILES' value=(OptionList values=['x' 'y'])) (Option key='FILE_FORMAT' )"
       R"(value=(OptionGroup options=[(Option key='TYPE' value=CSV) (Option key='SKIP_HEADER' )"
       R"(value=1)])) (Option key='ON_ERROR' value=CONTINUE)]))"},
      {R"(COPY INTO 's3://b/p' FROM (SELECT 1) PARTITION BY (d) HEADER = TRUE)",
       R"((CopyIntoLocation location='s3://b/p' source=(Query body=(Select items=[(SelectItem )"
       R"(value=1)])) partition_by=D options=[(Option key='HEADER' value=TRUE)]))"},
      {R"(PUT file:///tmp/a.csv @%t OVERWRITE = TRUE)",
       R"((FileTransfer upload=true local='file:///tmp/a.csv' stage=(StageReference location='%t') )"
       R"(options=[(Option key='OVERWRITE' value=TRUE)]))"},
      {R"(GRANT SELECT, CREATE ICEBERG TABLE ON FUTURE TABLES IN SCHEMA db.s TO ROLE r WITH GRANT )"
       R"(OPTION)",
       R"((Grant privileges=['SELECT' 'CREATE ICEBERG TABLE'] target=(GrantTarget scope=Future )"
       R"(kind='TABLE' name=DB.S container='SCHEMA') grantee_kind='ROLE' grantee=R )"
       R"(with_grant_option=true))"},
      {R"(REVOKE ROLE a FROM USER b)",
       R"((Grant revoke=true role_kind='ROLE' role=A target=(GrantTarget) grantee_kind='USER' )"
       R"(grantee=B))"},
      {R"(SHOW TERSE DYNAMIC TABLES HISTORY LIKE 'x%' IN SCHEMA db.s STARTS WITH 'A' LIMIT 5 FROM 'B')",
       R"((Show what='DYNAMIC TABLES' kind='DYNAMIC TABLE' terse=true history=true like='x%' )"
       R"(scopes=[(ShowScope relation='IN' kind='SCHEMA' name=DB.S)] starts_with='A' limit=5 )"
       R"(limit_from='B'))"},
      {R"(SHOW GRANTS ON PROCEDURE p(INT))",
       R"((Show what='GRANTS' scopes=[(ShowScope relation='ON' kind='PROCEDURE' name=P )"
       R"(signature=[(DataType name=INT)] has_signature=true)]))"},
      {R"(DESCRIBE POSTGRES INSTANCE i)", R"((Describe kind='POSTGRES INSTANCE' name=I))"},
      {R"(USE SECONDARY ROLES ALL)", R"((Use target=SecondaryRoles name="ALL"))"},
      {R"(SET (a, b) = (1, 'x'))", R"((SetVariables names=[A B] values=[1 'x']))"},
      {R"(BEGIN TRANSACTION NAME t)", R"((TransactionControl action=Begin name=T))"},
      {R"(CALL p(1, b => 2) INTO :x)",
       R"((Call call=(FunctionCall name=P arguments=[(Argument value=1) (Argument name=B value=2)]) )"
       R"(into=(BindVariable name=[X])))"},
      {R"(EXECUTE IMMEDIATE :q USING (a, b))",
       R"((ExecuteImmediate text=(BindVariable name=[Q]) parameters=[(Argument value=A) (Argument )"
       R"(value=B)]))"},
      {R"(EXPLAIN USING JSON SELECT 1)",
       R"((Explain format='JSON' statement=(QueryStatement query=(Query body=(Select )"
       R"(items=[(SelectItem value=1)])))))"},
  };
  for (const Case& test : cases) {
    const auto tree = ParseStatement(test.text);
    ASSERT_TRUE(tree.has_value()) << test.text << "\n" << tree.error().message;
    EXPECT_EQ(Dump(*tree), test.tree) << test.text;
  }
}

TEST(ParseStatement, Objects) {
  const Case cases[] = {
      {R"(CREATE OR REPLACE TRANSIENT TABLE t (a NUMBER(10, 2) NOT NULL DEFAULT 1 + 2 COMMENT 'x', b )"
       R"(INT AUTOINCREMENT START 5 INCREMENT 2 NOORDER, c VARCHAR AS (a || 'x'), CONSTRAINT pk )"
       R"(PRIMARY KEY (a, b) RELY) CLUSTER BY (a) COPY GRANTS COMMENT = 'c')",
       R"((CreateTable head=(CreateHead kind='TABLE' or_replace=true modifiers=['TRANSIENT'] name=T) )"
       R"(columns=[(ColumnDefinition name=A type=(DataType name=NUMBER arguments=['10' '2']) )"
       R"(nullability=NotNull default_value=(Binary op=Add left=1 right=2) comment='x') )"
       R"((ColumnDefinition name=B type=(DataType name=INT) auto_increment=(AutoIncrement start=5 )"
       R"(step=2 order='NOORDER')) (ColumnDefinition name=C type=(DataType name=VARCHAR) )"
       R"(computed=(Binary op=Concatenate left=A right='x'))] constraints=[(Constraint name=PK )"
       R"(kind=PrimaryKey columns=[A B] properties=['RELY'])] cluster_by=[A] options=[(Option )"
       R"(key='COPY GRANTS') (Option key='COMMENT' value='c')]))"},
      {R"(CREATE TABLE t CLONE u BEFORE (STATEMENT => 'x'))",
       R"((CreateTable head=(CreateHead kind='TABLE' name=T) copy_of=(CopySource kind=Clone name=U )"
       R"(time_travel=(TimeTravel kind=Before point='STATEMENT' value='x'))))"},
      {R"(CREATE ICEBERG TABLE t EXTERNAL_VOLUME = 'v' CATALOG = c METADATA_FILE_PATH = 'm.json')",
       R"((CreateTable head=(CreateHead kind='ICEBERG TABLE' name=T) options=[(Option )"
       R"(key='EXTERNAL_VOLUME' value='v') (Option key='CATALOG' value=C) (Option )"
       R"(key='METADATA_FILE_PATH' value='m.json')]))"},
      {R"(CREATE DYNAMIC TABLE t TARGET_LAG = DOWNSTREAM WAREHOUSE = w AS SELECT 1)",
       R"((CreateTable head=(CreateHead kind='DYNAMIC TABLE' name=T) options=[(Option )"
       R"(key='TARGET_LAG' value=DOWNSTREAM) (Option key='WAREHOUSE' value=W)] query=(Query )"
       R"(body=(Select items=[(SelectItem value=1)]))))"},
      {R"(CREATE SECURE VIEW v (a COMMENT 'x') AS SELECT 1)",
       R"((CreateView head=(CreateHead kind='VIEW' modifiers=['SECURE'] name=V) )"
       R"(columns=[(ColumnDefinition name=A comment='x')] query=(Query body=(Select )"
       R"(items=[(SelectItem value=1)]))))"},
      {R"(CREATE EXTERNAL VOLUME v STORAGE_LOCATIONS = ((NAME = 'a' STORAGE_BASE_URL = 's3://b/'), )"
       R"((NAME = 'c')) ALLOW_WRITES = TRUE)",
       R"((CreateObject head=(CreateHead kind='EXTERNAL VOLUME' name=V) options=[(Option )"
       R"(key='STORAGE_LOCATIONS' value=(OptionList values=[(OptionGroup options=[(Option key='NAME' )"
       R"(value='a') (Option key='STORAGE_BASE_URL' value='s3://b/')]) (OptionGroup options=[(Option )"
       R"(key='NAME' value='c')])])) (Option key='ALLOW_WRITES' value=TRUE)]))"},
      {R"(CREATE POSTGRES INSTANCE j FORK i AT (OFFSET => -5) STORAGE_SIZE_GB = 10)",
       R"((CreateObject head=(CreateHead kind='POSTGRES INSTANCE' name=J) copy_of=(CopySource )"
       R"(kind=Fork name=I time_travel=(TimeTravel kind=At point='OFFSET' value=(Unary op=Negate )"
       R"(operand=5))) options=[(Option key='STORAGE_SIZE_GB' value=10)]))"},
      {R"(CREATE STREAM s ON STAGE st COMMENT = 'x')",
       R"((CreateStream head=(CreateHead kind='STREAM' name=S) source_kind='STAGE' source=ST )"
       R"(options=[(Option key='COMMENT' value='x')]))"},
      {R"(CREATE TASK t WAREHOUSE = w AFTER a, db.s.b WHEN SYSTEM$STREAM_HAS_DATA('s') AS CALL p(1))",
       R"((CreateTask head=(CreateHead kind='TASK' name=T) options=[(Option key='WAREHOUSE' value=W)] )"
       R"(after=[A DB.S.B] when=(FunctionCall name=SYSTEM$STREAM_HAS_DATA arguments=[(Argument )"
       R"(value='s')]) body=(Call call=(FunctionCall name=P arguments=[(Argument value=1)]))))"},
      {R"(CREATE PROCEDURE p(a INT DEFAULT 1, b OUT VARCHAR) RETURNS TABLE (x INT) LANGUAGE SQL )"
       R"(EXECUTE AS CALLER AS 'BEGIN END')",
       R"((CreateRoutine head=(CreateHead kind='PROCEDURE' name=P) arguments=[(RoutineArgument name=A )"
       R"(type=(DataType name=INT) default_value=1) (RoutineArgument name=B mode='OUT' type=(DataType )"
       R"(name=VARCHAR))] returns_table=true table_columns=[(TypeField name=X type=(DataType )"
       R"(name=INT))] options=[(Option key='LANGUAGE' value=SQL) (Option key='EXECUTE AS' )"
       R"(value=CALLER)] body='BEGIN END'))"},
      {R"(CREATE SEQUENCE s START WITH 1 INCREMENT BY -1 ORDER)",
       R"((CreateObject head=(CreateHead kind='SEQUENCE' name=S) options=[(Option key='START' )"
       R"(value=1) (Option key='INCREMENT' value=(Unary op=Negate operand=1)) (Option key='ORDER')]))"},
      {R"(ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT, b INT)",
       R"((AlterObject kind='TABLE' name=T actions=[(AddColumns if_not_exists=true )"
       R"(columns=[(ColumnDefinition name=A type=(DataType name=INT)) (ColumnDefinition name=B )"
       R"(type=(DataType name=INT))])]))"},
      {R"(ALTER TABLE t ALTER COLUMN a SET DATA TYPE INT, COLUMN b DROP NOT NULL)",
       R"((AlterObject kind='TABLE' name=T actions=[(AlterColumns changes=[(ColumnChange column=A )"
       R"(kind=SetType type=(DataType name=INT)) (ColumnChange column=B kind=DropNotNull)])]))"},
      {R"(ALTER TABLE t DROP ROW ACCESS POLICY p, ADD ROW ACCESS POLICY q ON (a))",
       R"((AlterObject kind='TABLE' name=T actions=[(ChangePolicy verb='DROP' policy=(PolicyUse )"
       R"(kind='ROW ACCESS' policy=P)) (ChangePolicy verb='ADD' policy=(PolicyUse kind='ROW ACCESS' )"
       R"(policy=Q columns=[A]))]))"},
      {R"(ALTER POSTGRES INSTANCE i SET STORAGE_SIZE_GB = 20 APPLY ON '2026-01-01')",
       R"((AlterObject kind='POSTGRES INSTANCE' name=I actions=[(SetOptions options=[(Option )"
       R"(key='STORAGE_SIZE_GB' value=20)] apply='ON' apply_on='2026-01-01')]))"},
      {R"(ALTER POSTGRES INSTANCE i RESET ACCESS FOR 'application')",
       R"((AlterObject kind='POSTGRES INSTANCE' name=I actions=[(Perform verb='RESET ACCESS FOR' )"
       R"(arguments=['application'])]))"},
      {R"(ALTER DYNAMIC TABLE t, u REFRESH)",
       R"((AlterObject kind='DYNAMIC TABLE' name=T more_names=[U] actions=[(Perform verb='REFRESH')]))"},
      {R"(ALTER TASK t SET SCHEDULE = '1 MINUTE' TIMEZONE = 'UTC')",
       R"((AlterObject kind='TASK' name=T actions=[(SetOptions options=[(Option key='SCHEDULE' )"
       R"(value='1 MINUTE') (Option key='TIMEZONE' value='UTC')])]))"},
      {R"(ALTER SESSION UNSET TIMEZONE, QUERY_TAG)",
       R"((AlterObject kind='SESSION' actions=[(UnsetOptions keys=['TIMEZONE' 'QUERY_TAG'])]))"},
      {R"(DROP PROCEDURE IF EXISTS p(INT, VARCHAR(3)) CASCADE)",
       R"((DropObject kind='PROCEDURE' if_exists=true name=P has_signature=true signature=[(DataType )"
       R"(name=INT) (DataType name=VARCHAR arguments=['3'])] behaviour='CASCADE'))"},
      {R"(COMMENT ON COLUMN t.a IS 'x')", R"((Comment kind='COLUMN' name=T.A text='x'))"},
  };
  for (const Case& test : cases) {
    const auto tree = ParseStatement(test.text);
    ASSERT_TRUE(tree.has_value()) << test.text << "\n" << tree.error().message;
    EXPECT_EQ(Dump(*tree), test.tree) << test.text;
  }
}

TEST(ParseBody, Scripting) {
  const Case cases[] = {
      {R"(DECLARE a INT DEFAULT 1; c CURSOR FOR SELECT 1; r RESULTSET := ASYNC (SHOW TABLES); e )"
       R"(EXCEPTION (-20001, 'x'); BEGIN LET b := a; a := :b + 1; r := (SELECT 2); RETURN TABLE(r); )"
       R"(EXCEPTION WHEN e OR OTHER THEN RAISE; END)",
       R"((Block declarations=[(Declaration kind=Variable name=A type=(DataType name=INT) value=1) )"
       R"((Declaration kind=Cursor name=C statement=(QueryStatement query=(Query body=(Select )"
       R"(items=[(SelectItem value=1)])))) (Declaration kind=ResultSet name=R statement=(Show )"
       R"(what='TABLES' kind='TABLE') async=true) (Declaration kind=Exception name=E code=(Unary )"
       R"(op=Negate operand=20001) message='x')] body=[(Let declaration=(Declaration kind=Variable )"
       R"(name=B value=A)) (Assignment target=[A] value=(Binary op=Add left=(BindVariable name=[B]) )"
       R"(right=1)) (Assignment target=[R] value=(ScalarSubquery query=(Query body=(Select )"
       R"(items=[(SelectItem value=2)])))) (Return value=(TableArgument value=R))] )"
       R"(handlers=[(ExceptionHandler exceptions=[E OTHER] body=[(Raise)])]))"},
      {R"(IF (a > 1) THEN RETURN 1; ELSEIF (b) THEN NULL; ELSE BREAK l; END IF)",
       R"((If branches=[(ConditionalBranch condition=(Binary op=Greater left=A right=1) body=[(Return )"
       R"(value=1)]) (ConditionalBranch condition=B body=[(NullStatement)])] otherwise=[(Jump )"
       R"(leave=true label=L)]))"},
      {R"(CASE (a) WHEN 1 THEN RETURN 1; ELSE CONTINUE; END CASE)",
       R"((CaseStatement operand=A branches=[(ConditionalBranch condition=1 body=[(Return value=1)])] )"
       R"(otherwise=[(Jump)]))"},
      {R"(FOR i IN REVERSE 1 TO :n DO a := i; END FOR l)",
       R"((ForCounter counter=I reverse=true from=1 to=(BindVariable name=[N]) body=[(Assignment )"
       R"(target=[A] value=I)] label=L))"},
      {R"(FOR r IN (SELECT x FROM t) DO b := r.x; END FOR)",
       R"((ForRows row=R query=(QueryStatement query=(Query body=(Select items=[(SelectItem value=X)] )"
       R"(from=[(TableExpression value=(NamedTable name=T))]))) body=[(Assignment target=[B] )"
       R"(value=R.X)]))"},
      {R"(FOR r IN cur DO NULL; END FOR)", R"((ForRows row=R source=CUR body=[(NullStatement)]))"},
      {R"(WHILE (a < 3) DO a := a + 1; END WHILE)",
       R"((While condition=(Binary op=Less left=A right=3) body=[(Assignment target=[A] value=(Binary )"
       R"(op=Add left=A right=1))]))"},
      {R"(REPEAT a := 1; UNTIL (a > 3) END REPEAT)",
       R"((Repeat body=[(Assignment target=[A] value=1)] until=(Binary op=Greater left=A right=3)))"},
      {R"(LOOP BREAK; END LOOP)", R"((Loop body=[(Jump leave=true)]))"},
      {R"(OPEN c USING (1, x))", R"((OpenCursor cursor=C parameters=[1 X]))"},
      {R"(FETCH c INTO a, b)", R"((FetchCursor cursor=C into=[A B]))"},
      {R"(AWAIT ALL)", R"((Await))"},
      {R"(BEGIN BEGIN TRANSACTION; COMMIT; END)",
       R"((Block body=[(TransactionControl action=Begin) (TransactionControl action=Commit)]))"},
      {R"(LET x NUMBER(10, 2) := (SELECT MAX(a) FROM t))",
       R"((Let declaration=(Declaration kind=Variable name=X type=(DataType name=NUMBER )"
       R"(arguments=['10' '2']) value=(ScalarSubquery query=(Query body=(Select items=[(SelectItem )"
       R"(value=(FunctionCall name=MAX arguments=[(Argument value=A)]))] from=[(TableExpression )"
       R"(value=(NamedTable name=T))]))))))"},
      {R"(rs := (CALL p()))",
       R"((Assignment target=[RS] statement=(Call call=(FunctionCall name=P))))"},
  };
  for (const Case& test : cases) {
    const auto tree = ParseBody(test.text);
    ASSERT_TRUE(tree.has_value()) << test.text << "\n" << tree.error().message;
    EXPECT_EQ(Dump(*tree), test.tree) << test.text;
  }
}

}  // namespace
}  // namespace tarn::sql::syntax
