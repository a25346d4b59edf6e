import type { CaptureSink } from '@dustpan/core/driver'
import type { PgClient } from '../pg.ts'
import { type CaptureRules, ignoresBy, namesBy } from './capture-rules.ts'
import { capturedQuery } from './captured-query.ts'

type Method = (this: never, ...args: never[]) => unknown
type Target<Name extends string> = { [name in Name]: Method } & { [mark]?: Patch }

/** On what is patched: another copy of this package finds it too. */
const mark = Symbol.for('dustpan/postgres/patch')

/** What stands in a method's place, and for whom. */
interface Patch {
  readonly rules: Set<CaptureRules>
  undo(): void
}

/** Captures the queries of a client, or of all clients with this prototype. */
export function patchClient(client: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(client as Target<'query'>, 'query', rules, (original, all) => {
    const ignores = ignoresBy(all)
    const names = namesBy(all)
    return function query(this: PgClient, ...args: readonly unknown[]): unknown {
      return capturedQuery({ client: this, original, args, sink, ignores, names, entry: query })
    }
  })
}

/** Carries the caller's scope through a pool: a waiting caller is called back from wherever a client was released. */
export function patchPool(pool: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(pool as Target<'connect'>, 'connect', rules, (original) => {
    return function connect(this: never, callback?: (...args: never[]) => unknown): unknown {
      if (typeof callback !== 'function') return original.call(this)
      return (original as (callback: unknown) => unknown).call(this, sink.active ? sink.bind(callback) : callback)
    }
  })
}

function patch<Name extends string>(
  target: Target<Name>,
  name: Name,
  rules: CaptureRules,
  make: (original: Method, all: ReadonlySet<CaptureRules>) => Method,
): Disposable {
  const standing = target[mark] ?? stand(target, name, make)
  standing.rules.add(rules)
  return {
    [Symbol.dispose]() {
      if (standing.rules.delete(rules) && standing.rules.size === 0) standing.undo()
    },
  }
}

function stand<Name extends string>(
  target: Target<Name>,
  name: Name,
  make: (original: Method, all: ReadonlySet<CaptureRules>) => Method,
): Patch {
  const before = Object.getOwnPropertyDescriptor(target, name)
  const rules = new Set<CaptureRules>()
  const undo = () => {
    delete target[mark]
    if (before) Object.defineProperty(target, name, before)
    else Reflect.deleteProperty(target, name)
  }
  const standing: Patch = { rules, undo }
  Object.defineProperty(target, mark, { value: standing, configurable: true, enumerable: false })
  Object.defineProperty(target, name, {
    value: make(target[name], rules),
    configurable: true,
    writable: true,
    enumerable: false,
  })
  return standing
}
