/** Plays an episode against a database and records everything that a user could see. */
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import type { Send, Step } from './episode.ts'

export interface Around {
  /** Tables created during the episode have this oid or a higher one, which differs between databases. */
  readonly firstOid: number
  /** Runs a step as the test that it belongs to. */
  step<T>(number: number, run: () => Promise<T>): Promise<T>
  /** Called if the number of the step could not be set in the database. */
  unnumbered(number: number): void
}

export async function play(url: string, steps: readonly Step[], around: Around): Promise<unknown[]> {
  await using stage = new Stage(url)
  await stage.open()
  const answers: unknown[] = []
  for (const [number, step] of steps.entries()) {
    if (!(await stage.number(number))) around.unnumbered(number)
    stage.heard = []
    const answer = await around.step(number, () => stage.take(step))
    answers.push(withoutOids({ answer, heard: stage.heard }, around.firstOid))
  }
  return answers
}

function withoutOids(answer: object, firstOid: number): unknown {
  return JSON.parse(
    JSON.stringify(answer, (name, value) => (name === 'tableID' && value >= firstOid ? 'made on the way' : value)),
  )
}

class Stage implements AsyncDisposable {
  readonly #url: string
  #main: pg.Client
  readonly #stranger: pg.Client
  readonly #pool: pg.Pool
  heard: unknown[] = []

  constructor(url: string) {
    this.#url = url
    this.#main = this.#newMain()
    const options = '-c lock_timeout=400'
    this.#stranger = new pg.Client({ connectionString: url, application_name: 'stranger', options })
    this.#pool = new pg.Pool({ connectionString: url, application_name: 'pool', max: 2, options })
  }

  async open(): Promise<void> {
    await Promise.all([this.#main.connect(), this.#stranger.connect()])
  }

  /** Sets the number of the step for the log of the database; instruments ignore such a SET. */
  async number(step: number): Promise<boolean> {
    const client = this.#main
    return client.query(`SET fuzz.step = ${step}`).then(
      () => true,
      () => false,
    )
  }

  async take(step: Step): Promise<unknown> {
    switch (step.kind) {
      case 'send':
        return send(this.#main, step)
      case 'burst':
        return Promise.all(step.sends.map((one) => send(this.#main, one)))
      case 'pool':
        return this.#pool.query(config(step)).then(plain, failure)
      case 'pool callback':
        return this.#poolCallback(step)
      case 'pool transaction':
        return this.#poolTransaction(step.sends)
      case 'copy':
        return this.#copy(step.statement.text, step.data)
      case 'stranger':
        return this.#stranger.query(step.statement.text).then(plain, failure)
      case 'reconnect':
        return this.#reconnect()
    }
  }

  #poolCallback(step: Send): Promise<unknown> {
    return new Promise((resolve) => {
      this.#pool.connect((error, client, release) => {
        if (error || !client) return resolve(failure(error as Error))
        void send(client, { ...step, by: 'callback' }).then((answer) => {
          release()
          resolve(answer)
        })
      })
    })
  }

  async #poolTransaction(sends: readonly Send[]): Promise<unknown> {
    const client = await this.#pool.connect()
    const answers: unknown[] = []
    for (const one of sends) answers.push(await send(client, one))
    await client.query('ROLLBACK')
    client.release()
    return answers
  }

  #copy(text: string, data: string): Promise<unknown> {
    return new Promise((resolve) => {
      const stream = this.#main.query(copyStreams.from(text))
      stream.on('error', (error) => resolve(failure(error)))
      stream.on('finish', () => resolve({ copied: stream.rowCount }))
      stream.end(data)
    })
  }

  async #reconnect(): Promise<void> {
    await this.#main.end()
    this.#main = this.#newMain()
    await this.#main.connect()
  }

  #newMain(): pg.Client {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'test',
      options: '-c lock_timeout=2000',
    })
    client.on('notice', (notice) => this.heard.push(failure(notice)))
    client.on('notification', ({ channel, payload }) => this.heard.push({ channel, payload }))
    client.on('error', (error) => this.heard.push({ lost: error.message }))
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#main.end(), this.#stranger.end(), this.#pool.end()])
  }
}

interface Config {
  text: string
  values?: unknown[]
  name?: string
  rowMode?: 'array'
  binary?: boolean
  queryMode?: string
  types?: { getTypeParser(): (value: unknown) => unknown }
}

function config({ by, statement, name }: Send): Config {
  const { text, values } = statement
  return {
    text,
    ...(values ? { values: [...values] } : {}),
    ...(name === undefined ? {} : { name }),
    ...(by === 'array' ? { rowMode: 'array' } : {}),
    ...(by === 'binary' ? { binary: true } : {}),
    ...(by === 'extended' ? { queryMode: 'extended' } : {}),
    ...(by === 'types' ? { types: { getTypeParser: () => (value) => `typed ${String(value)}` } } : {}),
  }
}

function send(client: pg.ClientBase, one: Send): Promise<unknown> {
  const { text, values } = one.statement
  if (one.by === 'text' && !one.name) {
    return (values ? client.query(text, [...values]) : client.query(text)).then(plain, failure)
  }
  if (one.by === 'callback') return called(client, one)
  if (one.by === 'events') return listened(client, one)
  return client.query(config(one)).then(plain, failure)
}

function called(client: pg.ClientBase, one: Send): Promise<unknown> {
  return new Promise((resolve) => {
    const done = (error: Error, result: pg.QueryResult) => resolve([error ? failure(error) : plain(result), returned])
    const { text, values } = one.statement
    const returned: unknown = values ? client.query(text, [...values], done) : client.query(text, done)
  })
}

function listened(client: pg.ClientBase, one: Send): Promise<unknown> {
  return new Promise((resolve) => {
    const events: unknown[] = []
    const query = new pg.Query(config(one) as never)
    query.on('row', (row, result) => events.push(row, plain(result as unknown as pg.QueryResult)))
    query.on('error', (error) => resolve([...events, failure(error)]))
    query.on('end', (result) => resolve([...events, plain(result)]))
    events.push(client.query(query) === query)
  })
}

function plain(result: pg.QueryResult | pg.QueryResult[] | undefined): unknown {
  if (Array.isArray(result)) return result.map(plain)
  if (!result) return result
  const { command, rowCount, oid, rows, fields } = result
  return { command, rowCount, oid, rows: structuredClone(rows), fields: fields.map((field) => ({ ...field })) }
}

/** Everything that an error or notice contains. */
function failure(error: object): unknown {
  return { ...error, message: (error as Error).message, type: error.constructor.name }
}
