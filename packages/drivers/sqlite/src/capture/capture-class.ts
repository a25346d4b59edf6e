/** Patches a database class so that everything that runs SQL goes through the connection. */
import { asOne, type PatchedCall } from '@dustpan/core/driver'
import type { Database, Statement } from '../client.ts'
import { original, patch } from '../patch.ts'
import { captureStatements, type Prepared } from './capture-statements.ts'
import type { Connection } from './connection.ts'
import { changeset, statementText } from './statement-text.ts'

/** Returns undefined if the database is not captured. */
export type Connect = (database: Database) => Connection | undefined

/** Patched classes: each is patched once, and restored when the last capture is disposed. */
const captures = new WeakMap<object, { readonly connects: Set<Connect>; readonly patches: Disposable }>()

export function captureClass(prototype: Database, connect: Connect): Disposable {
  const existing = captures.get(prototype)
  const captured = existing ?? {
    connects: new Set<Connect>(),
    patches: patchClass(prototype, (database) => connectFirst(database)),
  }
  const connectFirst: Connect = (database) => {
    for (const one of captured.connects) {
      const connection = one(database)
      if (connection !== undefined) return connection
    }
    return undefined
  }
  captures.set(prototype, captured)
  captured.connects.add(connect)
  return {
    [Symbol.dispose]: () => {
      captured.connects.delete(connect)
      if (captured.connects.size > 0 || captures.get(prototype) !== captured) return
      captures.delete(prototype)
      captured.patches[Symbol.dispose]()
    },
  }
}

/** Does nothing if another copy of this package has patched the class. */
function patchClass(prototype: Database, connect: Connect): Disposable {
  const patches: Disposable[] = []
  if (original(prototype.prepare) !== prototype.prepare) return asOne(patches)
  const prepared = new WeakMap<object, Prepared>()
  const statements = new OncePerPrototype((target) => patches.push(captureStatements(target, prepared, connect)))
  for (const [method, wrap] of Object.entries(wrappers(connect, prepared, statements))) {
    patches.push(patch(prototype, method, wrap))
  }
  patches.push(patch(prototype, Symbol.dispose, closing(connect)))
  return asOne(patches)
}

type Wrap = (call: PatchedCall) => PatchedCall

function wrappers(connect: Connect, prepared: WeakMap<object, Prepared>, statements: OncePerPrototype) {
  const through =
    (run: (connection: Connection, call: () => unknown, sql: unknown) => unknown): Wrap =>
    (call) =>
      function (...args) {
        statements.visit(this as Database)
        const connection = connect(this as Database)
        const plain = () => call.apply(this, args)
        return connection === undefined ? plain() : run(connection, plain, args[0])
      }
  return {
    prepare: preparing(connect, prepared, statements),
    createTagStore: preparing(connect, prepared, statements),
    exec: executing(connect, statements),
    transaction: through((_, call) => call()),
    pragma: through((_, call) => call()),
    applyChangeset: through((connection, call) => connection.statement(changeset, call)),
    setAuthorizer: authorizing(connect),
    deserialize: replacing(connect),
    close: closing(connect),
  }
}

function preparing(connect: Connect, prepared: WeakMap<object, Prepared>, statements: OncePerPrototype): Wrap {
  return (call) =>
    function (...args) {
      const connection = connect(this as Database)
      const prepare = () => call.apply(this, args) as object
      const statement = connection === undefined ? prepare() : connection.compiled(prepare)
      statements.patch(Object.getPrototypeOf(statement))
      const text = typeof args[0] === 'string' ? statementText(args[0]) : undefined
      if (connection !== undefined) prepared.set(statement, { connection, text })
      return statement
    }
}

function executing(connect: Connect, statements: OncePerPrototype): Wrap {
  return (call) =>
    function (...args) {
      statements.visit(this as Database)
      const connection = connect(this as Database)
      const [sql] = args
      if (connection === undefined || typeof sql !== 'string') return call.apply(this, args)
      return connection.script(
        sql,
        () => call.apply(this, args),
        (one) => call.call(this, one),
      )
    }
}

/** Calls the user's authorizer for the user's statements only. */
function authorizing(connect: Connect): Wrap {
  return (call) =>
    function (...args) {
      const connection = connect(this as Database)
      const [authorize, ...rest] = args
      if (connection === undefined || typeof authorize !== 'function') return call.apply(this, args)
      const askUser = (...action: unknown[]) => (connection.isOwn(action.slice(1)) ? allowed : authorize(...action))
      return call.call(this, askUser, ...rest)
    }
}

/** `SQLITE_OK` */
const allowed = 0

/** Used where the previous contents of the database are lost. */
function closing(connect: Connect): Wrap {
  return (call) =>
    function (...args) {
      connect(this as Database)?.closing()
      const result = call.apply(this, args)
      connect(this as Database)?.closed()
      return result
    }
}

/**
 * SQLite frees the replaced schema and leaves temporary triggers that point into it: dropping one later crashes the process. So
 * they are dropped first; the next statement that writes reinstalls them.
 */
function replacing(connect: Connect): Wrap {
  const close = closing(connect)
  return (call) => {
    const replace = close(call)
    return function (...args) {
      connect(this as Database)?.uninstall()
      return replace.apply(this, args)
    }
  }
}

/** Patches each statement class once. Not all clients export them, so they are found through the first statement. */
class OncePerPrototype {
  readonly #patched = new WeakSet<object>()
  readonly #apply: (prototype: object) => void
  #visited = false

  constructor(apply: (prototype: object) => void) {
    this.#apply = apply
  }

  patch(prototype: object): void {
    if (this.#patched.has(prototype)) return
    this.#patched.add(prototype)
    this.#visited = true
    this.#apply(prototype)
  }

  /** Called before SQL that prepares statements internally (`db.transaction()`). */
  visit(database: Database): void {
    if (this.#visited) return
    try {
      const statement: Statement = original(database.prepare).call(database, 'SELECT 1')
      this.patch(Object.getPrototypeOf(statement))
    } catch {
      // closed: the user's own call reports it
    }
  }
}
