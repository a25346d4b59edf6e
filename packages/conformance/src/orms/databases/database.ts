import type { Options } from '../../drivers/index.ts'
import type { Missing } from '../../servers/index.ts'

export interface DatabaseServer extends AsyncDisposable {
  readonly product: string
  /** The driver's package. */
  readonly use: string
  /** Why this particular server cannot pass a case, by the case's name. */
  readonly excuses?: Readonly<Record<string, string>>
  /** Creates a database with the tables and a stranger's rows. */
  create(): Promise<Database>
}

export interface Database {
  readonly url: string
  /** The driver's options for this database. */
  readonly options: Options
  /** All rows, read by a connection that Dustpan does not see. */
  rows(): Promise<readonly StoredRow[]>
}

export interface StoredRow {
  readonly table: string
  /** As text: `7`, `7,new`. */
  readonly key: string
  /** The whole row. */
  readonly text: string
}

export type StartDatabase = () => Promise<DatabaseServer | Missing>

/** The same tables in every database; `id` is the type of a generated key. */
export const schema = (id: string): string => `
  CREATE TABLE authors (${id}, email varchar(100) NOT NULL UNIQUE, name varchar(100));
  CREATE TABLE books (${id}, author_id integer NOT NULL, title varchar(100),
    FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE);
  CREATE TABLE book_tags (book_id integer NOT NULL, tag varchar(40) NOT NULL, PRIMARY KEY (book_id, tag),
    FOREIGN KEY (book_id) REFERENCES books (id) ON DELETE CASCADE);
  CREATE TABLE notes (${id}, text varchar(100));
  INSERT INTO authors (email, name) VALUES ('stranger@example.com', 'Stranger'), ('other@example.com', NULL);
  INSERT INTO books (author_id, title) VALUES (1, 'Theirs'), (2, 'Theirs too');
  INSERT INTO book_tags (book_id, tag) VALUES (1, 'theirs'), (2, 'theirs too');
  INSERT INTO notes (text) VALUES ('Nothing writes here');
`

export const storedRow = (table: string, row: Readonly<Record<string, unknown>>): StoredRow => ({
  table,
  key: table === 'book_tags' ? `${row.book_id},${row.tag}` : `${row.id}`,
  text: JSON.stringify(row),
})
