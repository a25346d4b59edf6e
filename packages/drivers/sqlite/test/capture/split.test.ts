import { expect, test } from 'vitest'
import { splitStatements } from '../../src/capture/split.ts'

test.each([
  ['SELECT 1', ['SELECT 1']],
  ['SELECT 1; SELECT 2;', ['SELECT 1;', ' SELECT 2;']],
  ['SELECT \';\' -- ;\n; SELECT "a;""b", [c;d], `e;`', ["SELECT ';' -- ;\n;", ' SELECT "a;""b", [c;d], `e;`']],
  ['/* ; */ SELECT 1 /* open ;', ['/* ; */ SELECT 1 /* open ;']],
  ["SELECT 'it''s; fine'; x", ["SELECT 'it''s; fine';", ' x']],
  ['  -- nothing\n', []],
  [
    'CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM b; END; SELECT 3',
    ['CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM b; END;', ' SELECT 3'],
  ],
  ['CREATE TABLE trigger_log (a); SELECT 1', ['CREATE TABLE trigger_log (a);', ' SELECT 1']],
])('splits %j into its statements', (sql, statements) => {
  expect(splitStatements(sql)).toEqual(statements)
})

test('a statement with a string literal of two megabytes is not split', () => {
  const sql = `INSERT INTO t VALUES ('${'x;'.repeat(1_000_000)}')`
  expect(splitStatements(`${sql}; SELECT 1`)).toEqual([`${sql};`, ' SELECT 1'])
})
