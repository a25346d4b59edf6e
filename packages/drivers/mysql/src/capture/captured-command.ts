import type { CaptureSink } from '@dustpan/core/driver'
import type { Command, Mysql2Connection } from '../mysql2.ts'
import { type Reading, readStatements } from '../sql/read-statements.ts'
import { ownConnection } from './captured-clients.ts'
import { ConnectionCapture } from './connection-capture.ts'
import { ObservedCommand } from './observed-command.ts'
import { learnPrepareClass } from './own-command.ts'

const captures = new WeakMap<Mysql2Connection, ConnectionCapture>()
const observedCommands = new WeakSet<Command>()

interface Call {
  readonly connection: Mysql2Connection
  readonly command: Command
  readonly sink: CaptureSink
  readonly ignores: ConnectionCapture['ignores']
  /** The patched method that the user's call reached. */
  readonly entry: (...args: never[]) => unknown
}

/** Observes a command before it enters a connection's queue. Irrelevant commands pass unchanged. */
export function capturedCommand({ connection, command, sink, ignores, entry }: Call): void {
  if (ownConnection in connection || observedCommands.has(command)) return
  const kind = kindOf(command)
  if (kind === 'prepare') learnPrepareClass(connection, command)
  if (kind === 'reset') resetAfter(connection, command)
  if (kind === 'statement') observe({ connection, command, sink, ignores, entry })
}

function observe({ connection, command, sink, ignores, entry }: Call): void {
  observedCommands.add(command)
  const text = textOf(command)
  const known = captures.get(connection)
  const parsed = parse(text)
  const { active } = sink
  if (!parsed && !known) {
    if (active) command.execute = sink.bind(command.execute.bind(command))
    return
  }
  // Code that runs when the command is answered still belongs to its test.
  const capture = known ?? captureOf(connection, sink, ignores)
  const mayCreateLater = parsed?.statements.some(({ kind }) => kind !== 'update') ?? false
  const begin = active ? sink.beginHere(entry, mayCreateLater ? 'later' : undefined, text.slice(0, 60)) : undefined
  const observedCommand = new ObservedCommand(command, connection, capture, { reading: parsed, text, begin })
  const handle: Command['execute'] = (packet) => observedCommand.handle(packet)
  command.execute = active ? sink.bind(handle) : handle
}

/** Reads with and without backslash escapes: the session's mode is known only when the statement is sent. */
function parse(text: string): Reading | undefined {
  return readStatements(text, true) ?? (text.includes('\\') ? readStatements(text, false) : undefined)
}

function captureOf(connection: Mysql2Connection, sink: CaptureSink, ignores: Call['ignores']): ConnectionCapture {
  const capture = new ConnectionCapture(connection, sink, ignores)
  captures.set(connection, capture)
  connection.on('end', () => capture.lost())
  connection.on('error', () => capture.lost())
  return capture
}

/** The command changes the user or resets the session: an open transaction is rolled back. */
function resetAfter(connection: Mysql2Connection, command: Command): void {
  const { execute } = command
  command.execute = (packet, owner) => {
    const done = execute.call(command, packet, owner)
    if (done) captures.get(connection)?.sessionReset()
    return done
  }
}

function kindOf(command: Command): 'statement' | 'prepare' | 'reset' | undefined {
  if (command._queryOptions || command._executeOptions) return 'statement'
  const { name } = command.constructor
  if (name === 'Prepare') return 'prepare'
  return name === 'ChangeUser' || name === 'ResetConnection' ? 'reset' : undefined
}

/** A prepared statement that already exists contains its own text. */
function textOf(command: Command): string {
  return String(command.statement?.query ?? command.sql ?? '')
}
