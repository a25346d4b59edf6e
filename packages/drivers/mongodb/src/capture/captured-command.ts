/** Captures commands: announces them before they are sent, and records their effect before the client gets the reply. */
import { storeOf } from '../identity.ts'
import type { CommandOptions, Connection, Document, Namespace } from '../mongo.ts'
import { isOwn, rememberClient } from '../own-clients.ts'
import { type Call, commandName } from './call.ts'
import { type Captor, type Captors, captorFor } from './captor.ts'
import { watchers } from './commands.ts'
import { patch } from './patch.ts'

/** Captures the commands of all sockets of the connection's class. */
export function captureCommands(connection: Connection, captor: Captor): Disposable {
  return patch(connection, 'command', captor, (original, captors) => {
    const send = original as Connection['command']
    return function command(this: Connection, ...args: Parameters<Connection['command']>): Promise<unknown> {
      return captured(this, send, args, captors)
    }
  })
}

type Args = Parameters<Connection['command']>

function captured(connection: Connection, send: Connection['command'], args: Args, captors: Captors): Promise<unknown> {
  const [ns, command, options, responseType] = args
  const watcher = watchers.get(commandName(command))
  const call = watcher && callOf(connection, send, ns, command, options, captors)
  if (!watcher || !call) return send.apply(connection, args)
  return watcher(call, (replaced = command) => send.call(connection, ns, replaced, options, responseType))
}

/** Undefined for a command that is not tracked, such as the client's heartbeats, which have no session. */
function callOf(
  connection: Connection,
  send: Connection['command'],
  { db }: Namespace,
  command: Document,
  options: CommandOptions | undefined,
  captors: Captors,
): Call | undefined {
  const session = options?.session
  if (!session?.client || isOwn(session.client)) return undefined
  const id = storeOf(session.client, db)
  const captor = id === undefined ? undefined : captorFor(captors, { id })
  if (id === undefined || !captor?.sink.active) return undefined
  const { sink, rules, ejson } = captor
  rememberClient(id, session.client, ejson)
  const runCommand = (own: Document, database = db) =>
    send.call(connection, { db: database }, own, {}) as Promise<Document>
  const flags = { retries: options?.willRetryWrite === true, ignoresUndefined: options?.ignoreUndefined === true }
  return { sink, rules, ejson, store: { id }, command, session, runCommand, ...flags }
}
