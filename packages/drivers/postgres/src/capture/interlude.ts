import { type DataRow, isServerError, type PgClient, type PgConnection, type Submittable } from '../pg.ts'

/**
 * Asks a question of Dustpan on the user's connection, in the turn of one of the user's queries: it replaces that query as
 * the active one. `done` gets the parsed JSON of the single row, or undefined when the server refused, at a moment when no
 * query is active.
 */
export function ask(
  client: PgClient,
  owner: Submittable,
  text: string,
  values: readonly (string | null)[],
  done: (answer: unknown) => void,
): void {
  const interlude = new Interlude(client, owner, done)
  activate(client, interlude)
  const { connection } = client
  connection.stream.cork?.()
  connection.parse({ text, types: [] })
  connection.bind({ values })
  connection.describe({ type: 'P', name: '' })
  connection.execute({ portal: '', rows: 0 })
  connection.sync()
  connection.stream.uncork?.()
}

/** Makes a query the active one, which receives the server's answers. pg before 8.16 calls the property `activeQuery`. */
export function activate(client: PgClient, query: Submittable): void {
  const own = client as unknown as { _activeQuery?: unknown; activeQuery?: unknown }
  if ('_activeQuery' in own) own._activeQuery = query
  else own.activeQuery = query
  client.readyForQuery = false
}

class Interlude implements Submittable {
  readonly #client: PgClient
  readonly #owner: Submittable
  readonly #done: (answer: unknown) => void
  #answer: unknown
  #refusal: Error | undefined

  constructor(client: PgClient, owner: Submittable, done: (answer: unknown) => void) {
    this.#client = client
    this.#owner = owner
    this.#done = done
  }

  submit(): void {}

  callback(): void {}

  handleRowDescription(): void {}

  handleDataRow({ fields }: DataRow): void {
    this.#answer = typeof fields[0] === 'string' ? JSON.parse(fields[0]) : undefined
  }

  handleCommandComplete(): void {}

  handleEmptyQuery(): void {}

  /** A refusal is followed by ReadyForQuery. The end of the connection is not, and is passed to the owner. */
  handleError(error: Error, connection: PgConnection): void {
    if (isServerError(error)) {
      this.#refusal = error
      activate(this.#client, this)
    } else {
      this.#owner.handleError(this.#refusal ?? error, connection)
    }
  }

  handleReadyForQuery(): void {
    this.#done(this.#refusal ? undefined : this.#answer)
  }
}
