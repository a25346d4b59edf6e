import { arrayLiteral } from '../array-literal.ts'
import { type DataRow, isServerError, type PgClient, type PgConnection, type Submittable } from '../pg.ts'

export interface Sql {
  /** For what is asked again and again: the server keeps it, parsed and planned, under this name. */
  readonly name?: string
  readonly text: string
  readonly values: readonly Value[]
}

export type Value = string | null | readonly (string | null)[]

/** Rows as the server wrote them, and the count of its command tag. */
export interface Answer {
  readonly rows: readonly (readonly (string | null)[])[]
  readonly count: number
}

/** Sends statements together, in one round trip and one transaction: each sees what was committed before it, all or none take effect. */
export function exchange(client: PgClient, statements: readonly Sql[]): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    client.query(new Exchange(statements, resolve, reject))
  })
}

const names = new WeakMap<PgConnection, Set<string>>()

/** Statements that the server has under their names: those that it has carried out once. */
function namesOn(connection: PgConnection): Set<string> {
  const known = names.get(connection) ?? new Set()
  names.set(connection, known)
  return known
}

class Exchange implements Submittable {
  readonly #statements: readonly Sql[]
  readonly #resolve: (answers: readonly Answer[]) => void
  readonly #reject: (error: Error) => void
  readonly #answers: Answer[] = []
  #rows: (readonly (string | null)[])[] = []
  #connection: PgConnection | undefined

  constructor(
    statements: readonly Sql[],
    resolve: (answers: readonly Answer[]) => void,
    reject: (error: Error) => void,
  ) {
    this.#statements = statements
    this.#resolve = resolve
    this.#reject = reject
  }

  submit(connection: PgConnection): null {
    this.#connection = connection
    connection.stream.cork?.()
    const known = namesOn(connection)
    for (const { name = '', text, values } of this.#statements) {
      if (name === '' || !known.has(name)) connection.parse({ name, text, types: [] })
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
    if (name !== undefined && this.#connection) namesOn(this.#connection).add(name)
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
    this.#resolve(this.#answers)
  }
}
