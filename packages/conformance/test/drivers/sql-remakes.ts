/** Ways to delete existing rows and create them again unchanged, in SQL that several stores support. */
import type { Remake, StoreClient } from '../../src/drivers/index.ts'

/** Statements for the keys of two rows; `back` returns the statement that creates one again. */
type Script = (a: number, b: number) => readonly string[]

export const back = (key: number): string => `INSERT INTO things (id, text) VALUES (${key}, 'of a stranger')`

const nobodys = 987_654
const away = 5_000

const common: Readonly<Record<string, Script>> = {
  'a list with a key that nobody has': (a) => [`DELETE FROM things WHERE id IN (${a}, ${nobodys})`, back(a)],
  'the key as a text': (a) => [`DELETE FROM things WHERE id = '${a}'`, back(a)],
  'another condition': (a, b) => [`DELETE FROM things WHERE text LIKE 'of a%'`, back(a), back(b)],
  'all rows': (a, b) => ['DELETE FROM things', back(b), back(a)],
  'in a transaction': (a) => ['BEGIN', `DELETE FROM things WHERE id = ${a}`, back(a), 'COMMIT'],
  'deleted in a transaction that is rolled back': (a) => ['BEGIN', `DELETE FROM things WHERE id = ${a}`, 'ROLLBACK'],
  'made again in a transaction that is rolled back': (a) => [
    `DELETE FROM things WHERE id = ${a}`,
    ...['BEGIN', back(a), 'ROLLBACK', back(a)],
  ],
  'keys moved away and back': () => [`UPDATE things SET id = id + ${away}`, `UPDATE things SET id = id - ${away}`],
  'moved away while another has its key': (a) => [
    `UPDATE things SET id = id + ${away} WHERE id = ${a}`,
    `INSERT INTO things (id) VALUES (${a})`,
    `DELETE FROM things WHERE id = ${a}`,
    `UPDATE things SET id = ${a} WHERE id = ${a + away}`,
  ],
}

/** `run` executes the statements in order on one connection. */
export function sqlRemakes(
  more: Readonly<Record<string, Script>>,
  run: (client: StoreClient, statements: readonly string[]) => Promise<unknown>,
): readonly Remake[] {
  return Object.entries({ ...common, ...more }).map(([title, script]) => ({
    title,
    remake: (client, [a, b]) => run(client, script(Number(a), Number(b))),
  }))
}
