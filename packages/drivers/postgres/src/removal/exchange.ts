import { arrayLiteral } from '../array-literal.ts'
import { type DataRow, isServerError, type PgClient, type PgConnection, type Submittable } from '../pg.ts'

export interface Sql {
  /** For statements that are sent repeatedly: the server keeps them parsed and planned under this name. */
  readonly name?: string
  readonly text: string
  readonly values: readonly Value[]
}

export type Value = string | null | readonly (string | null)[]

/** Rows as text from the server, and the count of the command tag. */
export interface Answer {
  readonly rows: readonly (readonly (string | null)[])[]
  readonly count: number
}

/**
 * Sends statements together, in one round trip and one transaction: each sees what was committed before it, and all or none
 * take effect. `first` gives statements to send before them, evaluated when it is their turn.
 */
export function exchange(
  client: PgClient,
  statements: readonly Sql[],
  first: () => readonly Sql[] = nothing,
): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    client.query(new Exchange(statements, first, resolve, reject))
  })
}

const nothing = (): readonly Sql[] => []

const preparedNames = new WeakMap<PgConnection, Set<string>>()

/** Names of statements that are prepared on this connection: those that ran once. */
function preparedOn(connection: PgConnection): Set<string> {
  const prepared = preparedNames.get(connection) ?? new Set()
  preparedNames.set(connection, prepared)
  return prepared
}

class Exchange implements Submittable {
  readonly #given: readonly Sql[]
  readonly #first: () => readonly Sql[]
  readonly #resolve: (answers: readonly Answer[]) => void
  readonly #reject: (error: Error) => void
  readonly #answers: Answer[] = []
  #statements: readonly Sql[] = []
  #rows: (readonly (string | null)[])[] = []
  #connection: PgConnection | undefined

  constructor(
    given: readonly Sql[],
    first: () => readonly Sql[],
    resolve: (answers: readonly Answer[]) => void,
    reject: (error: Error) => void,
  ) {
    this.#given = given
    this.#first = first
    this.#resolve = resolve
    this.#reject = reject
  }

  submit(connection: PgConnection): null {
    this.#connection = connection
    this.#statements = [...this.#first(), ...this.#given]
    connection.stream.cork?.()
    const prepared = preparedOn(connection)
    for (const { name = '', text, values } of this.#statements) {
      if (name === '' || !prepared.has(name)) connection.parse({ name, text, types: [] })
      connection.bind({
        statement: name,
        values: values.map((value) => (Array.isArray(value) ? arrayLiteral(value) : value)),
      })
      connection.execute({ portal: '', rows: 0 })
    }
    connection.sync()
    connection.stream.uncork?.()
    return null
  }

  callback(): void {}

  handleRowDescription(): void {}

  handleDataRow({ fields }: DataRow): void {
    this.#rows.push(fields)
  }

  handleCommandComplete({ text }: { text: string }): void {
    const { name } = this.#statements[this.#answers.length] ?? {}
    if (name !== undefined && this.#connection) preparedOn(this.#connection).add(name)
    this.#answers.push({ rows: this.#rows, count: Number(/(\d+)$/.exec(text)?.[1] ?? 0) })
    this.#rows = []
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' })
  }

  handleError(error: Error): void {
    this.#reject(isServerError(error) ? error : new Error(error.message, { cause: error }))
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#answers.slice(this.#statements.length - this.#given.length))
  }
}
