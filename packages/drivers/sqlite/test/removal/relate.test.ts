import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describe, expect, test } from 'vitest'
import { clients, opened, temporaryFile } from '../clients.ts'
import { row, toFile } from './harness.ts'

/** A target with the creation time of its record. */
const createdOn = (target: ReturnType<typeof row>, at: string) => ({
  ...target,
  begunAt: Date.parse(at),
  createdAt: Date.parse(at) + 1,
})

describe.each(clients)('$name', (client) => {
  async function related(schema: string, targets: readonly ReturnType<typeof row>[]) {
    const file = temporaryFile()
    opened(client, file).exec(schema)
    await using connection = await toFile(file, { client: client.name })
    const relations = await connection.relate?.(targets, { ...removalContext(), dependents: true })
    if (relations === undefined) throw new Error('not related')
    return { ...relations, group: Object.fromEntries(relations.group) }
  }

  test('each table is a group; edges go from child to parent, also across tables without targets', async () => {
    const { group, edges, dependents } = await related(
      `CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a);
       CREATE TABLE c (id INTEGER PRIMARY KEY, b REFERENCES b); INSERT INTO a VALUES (1); INSERT INTO c VALUES (1, NULL)`,
      [row('a', 1), row('c', 1)],
    )
    expect(group).toEqual({ 'a 1': 'a', 'c 1': 'c' })
    expect(edges).toEqual([['c', 'a']])
    expect(dependents).toEqual([])
  })

  test('tables that reference each other in a cycle form one group', async () => {
    const { group, edges } = await related(
      `CREATE TABLE a (id INTEGER PRIMARY KEY, b REFERENCES b); CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a, up REFERENCES b);
       CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES a);
       INSERT INTO a VALUES (1, NULL); INSERT INTO b VALUES (1, 1, NULL), (2, NULL, 1); INSERT INTO c VALUES (1, 1)`,
      [row('a', 1), row('b', 1), row('b', 2), row('c', 1)],
    )
    expect(group).toEqual({ 'a 1': 'a+b', 'b 1': 'a+b', 'b 2': 'a+b', 'c 1': 'c' })
    expect(edges).toEqual([['c', 'a+b']])
  })

  test('untracked dependents are returned with their ON DELETE rule, unproven without a creation time', async () => {
    const { dependents } = await related(
      `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE x (id TEXT PRIMARY KEY, p REFERENCES p ON DELETE CASCADE);
       CREATE TABLE y (id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE SET NULL); CREATE TABLE z (id INTEGER PRIMARY KEY, p REFERENCES p);
       INSERT INTO p VALUES (1), (2); INSERT INTO x VALUES ('k', 1); INSERT INTO y VALUES (5, 1); INSERT INTO z VALUES (6, 2), (7, NULL)`,
      [row('p', 1), row('p', 2)],
    )
    expect(dependents).toEqual([
      { of: 'p 1', type: 'x', key: 'k', rule: 'cascade', provenance: 'unproven' },
      { of: 'p 1', type: 'y', key: 5, rule: 'set-null', provenance: 'unproven' },
      { of: 'p 2', type: 'z', key: 6, rule: 'restrict', provenance: 'unproven' },
    ])
  })

  test('a dependent created after its parent is proven, and so are its own dependents', async () => {
    const born = "created_at TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))"
    const { dependents } = await related(
      `CREATE TABLE p (id INTEGER PRIMARY KEY, ${born}); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p, ${born});
       CREATE TABLE d (id INTEGER PRIMARY KEY, c REFERENCES c, ${born});
       INSERT INTO p VALUES (1, '2026-01-01 00:00:00.500');
       INSERT INTO c VALUES (10, 1, '2026-01-01 00:00:00.500'), (11, 1, '2026-01-01 00:00:00.499');
       INSERT INTO d VALUES (20, 10, '2026-01-02 00:00:00.000'), (21, 11, '2026-01-02 00:00:00.000')`,
      [createdOn(row('p', 1), '2026-01-01T00:00:00.500Z')],
    )
    expect(dependents.map(({ type, key, provenance }) => [type, key, provenance])).toEqual([
      ['c', 10, 'after-parent'],
      ['c', 11, 'unproven'],
      ['d', 20, 'after-parent'],
    ])
    expect(dependents[2]).toMatchObject({
      of: 'p 1',
      removal: { driver: 'main', op: 'delete-row', args: { table: 'd', columns: ['id'] } },
      proof: { match: { created_at: '2026-01-02 00:00:00.000' }, strength: 'key-only' },
    })
  })

  test.each<[string, string, string]>([
    ['TEXT DEFAULT CURRENT_TIMESTAMP', "'2020-01-01 00:00:00'", "'2025-06-01 00:00:00'"],
    ['INTEGER DEFAULT (unixepoch())', '1577836800', '1748736000'],
    ["REAL DEFAULT (julianday('now'))", '2458849.5', '2460827.5'],
  ])('a dependent older than the record of its backdated parent is unproven: %s', async (type, parent, child) => {
    const { dependents } = await related(
      `CREATE TABLE p (id INTEGER PRIMARY KEY, created_at ${type}); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p, created_at ${type});
       INSERT INTO p VALUES (1, ${parent}); INSERT INTO c VALUES (1, 1, ${child}); INSERT INTO c (id, p) VALUES (2, 1)`,
      [createdOn(row('p', 1), '2026-01-01T00:00:00Z')],
    )
    expect(dependents.map(({ key, provenance }) => [key, provenance])).toEqual([
      [1, 'unproven'],
      [2, 'after-parent'],
    ])
  })

  test('a dependent created in the same second as its parent is unproven if times have no fractions', async () => {
    const { dependents } = await related(
      `CREATE TABLE p (id INTEGER PRIMARY KEY, made_at TEXT DEFAULT CURRENT_TIMESTAMP);
       CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p, made_at TEXT DEFAULT CURRENT_TIMESTAMP);
       INSERT INTO p VALUES (1, '2026-01-01 00:00:00'); INSERT INTO c VALUES (1, 1, '2026-01-01 00:00:00'), (2, 1, '2026-01-01 00:00:01')`,
      [createdOn(row('p', 1), '2026-01-01T00:00:00.200Z')],
    )
    expect(dependents.map(({ key, provenance }) => [key, provenance])).toEqual([
      [1, 'unproven'],
      [2, 'after-parent'],
    ])
  })
})
