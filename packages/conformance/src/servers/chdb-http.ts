/** A program that serves chdb over HTTP: `node chdb-http.ts <package.json beside chdb> <folder> <port>`. */
import { createServer, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

interface Session {
  queryAsync(sql: string, options?: { format: string }): Promise<{ bytes(): Uint8Array }>
  queryBindAsync(sql: string, values: object, options: { format: string }): Promise<{ bytes(): Uint8Array }>
}

const [manifest = '', folder = '', port] = process.argv.slice(2)
const chdb = createRequire(manifest)('chdb') as { Session: new (folder: string) => Session }
const session = new chdb.Session(join(folder, 'data'))

/** Parameters of the request; any other parameter is a setting of the statement. */
const known = 'query database query_id session_id default_format wait_end_of_query enable_http_compression role'.split(
  ' ',
)

let last = Promise.resolve()
createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://chdb')
  if (url.pathname === '/ping') return response.end('Ok.\n')
  const body = await text(request)
  last = last.then(() => answer(url.searchParams, body, response))
}).listen(Number(port), '127.0.0.1')

async function answer(params: URLSearchParams, body: string, response: ServerResponse): Promise<void> {
  const settings = [...params].filter(([name]) => !known.includes(name) && !name.startsWith('param_'))
  response.setHeader('X-ClickHouse-Query-Id', params.get('query_id') ?? '')
  try {
    await session.queryAsync(`USE \`${params.get('database') ?? 'default'}\``)
    for (const [name, value] of settings) await session.queryAsync(`SET ${name} = '${value.replaceAll("'", "\\'")}'`)
    const result = await run([params.get('query'), body].filter(Boolean).join('\n'), params)
    response.setHeader('X-ClickHouse-Summary', '{}').end(Buffer.from(result.bytes()))
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error), response)
  } finally {
    for (const [name] of settings) await session.queryAsync(`SET ${name} = DEFAULT`).catch(() => {})
  }
}

function run(sql: string, params: URLSearchParams): Promise<{ bytes(): Uint8Array }> {
  const format = { format: params.get('default_format') ?? 'TabSeparated' }
  const bound = [...params].flatMap(([name, value]) => (name.startsWith('param_') ? [[name.slice(6), value]] : []))
  return bound.length === 0
    ? session.queryAsync(sql, format)
    : session.queryBindAsync(sql, Object.fromEntries(bound), format)
}

function refuse(message: string, response: ServerResponse): void {
  const code = /Code: (\d+)/.exec(message)?.[1] ?? '1000'
  response.statusCode = 500
  response.setHeader('X-ClickHouse-Exception-Code', code)
  response.end(message.startsWith('Code') ? message : `Code: ${code}. DB::Exception: ${message}`)
}
