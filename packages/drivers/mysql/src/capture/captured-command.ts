import type { CaptureSink } from '@dustpan/core/driver'
import type { Command, Mysql2Connection } from '../mysql2.ts'
import { ownConnection } from './captured-clients.ts'
import { ConnectionCapture } from './connection-capture.ts'
import { ObservedCommand } from './observed-command.ts'
import { learnPrepareClass } from './own-command.ts'
import { type Reading, readStatements } from './read-statements.ts'

const captures = new WeakMap<Mysql2Connection, ConnectionCapture>()
const observed = new WeakSet<Command>()

interface Call {
  readonly connection: Mysql2Connection
  readonly command: Command
  readonly sink: CaptureSink
  readonly ignores: ConnectionCapture['ignores']
  /** What the user's call ended in. */
  readonly entry: (...args: never[]) => unknown
}

/** A command on its way into a connection's queue. What does not matter goes on as it came. */
export function capturedCommand({ connection, command, sink, ignores, entry }: Call): void {
  if (ownConnection in connection || observed.has(command)) return
  const kind = kindOf(command)
  if (kind === 'prepare') learnPrepareClass(connection, command)
  if (kind === 'reset') resetAfter(connection, command)
  if (kind === 'statement') observe({ connection, command, sink, ignores, entry })
}

function observe({ connection, command, sink, ignores, entry }: Call): void {
  observed.add(command)
  const text = textOf(command)
  const known = captures.get(connection)
  const reading = readEitherWay(text)
  const { active } = sink
  if (!reading && !known) {
    if (active) command.execute = sink.bind(command.execute.bind(command))
    return
  }
  // What the user does when it is answered is still his test's.
  const capture = known ?? captureOf(connection, sink, ignores)
  const isLater = reading?.statements.some(({ kind }) => kind !== 'update') ?? false
  const begin = active ? sink.beginHere(entry, isLater ? 'later' : undefined, text.slice(0, 60)) : undefined
  const seen = new ObservedCommand(command, connection, capture, { reading, text, begin })
  const take: Command['execute'] = (packet) => seen.take(packet)
  command.execute = active ? sink.bind(take) : take
}

/** Whether a backslash escapes, only the session can tell when it is sent. */
function readEitherWay(text: string): Reading | undefined {
  return readStatements(text, true) ?? (text.includes('\\') ? readStatements(text, false) : undefined)
}

function captureOf(connection: Mysql2Connection, sink: CaptureSink, ignores: Call['ignores']): ConnectionCapture {
  const capture = new ConnectionCapture(connection, sink, ignores)
  captures.set(connection, capture)
  connection.on('end', () => capture.lost())
  connection.on('error', () => capture.lost())
  return capture
}

/** Another user, or the same one from the beginning: what was open is taken back. */
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

/** A prepared statement that was made before knows its own text. */
function textOf(command: Command): string {
  return String(command.statement?.query ?? command.sql ?? '')
}
