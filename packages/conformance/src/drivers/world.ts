/** The world of a case: a place with a stranger's resources, in which runs can begin. */
import type { Json } from '@dustpan/core/driver'
import { type Config, projectFolder } from '../run/project-folder.ts'
import { beginIn, type Run } from '../run/run.ts'
import { Missing } from './case.ts'
import { startProxy, type TcpProxy } from './proxy.ts'
import type { DriverSubject, Options, Place, StoreClient, StoreServer } from './subject.ts'

export interface World extends AsyncDisposable {
  readonly subject: DriverSubject
  readonly server: StoreServer
  readonly place: Place
  /** A client that Dustpan does not see. */
  readonly stranger: StoreClient
  /** Keys of the stranger's resources, which exist from the start. */
  readonly seeds: readonly Json[]
  /** The place's list at the start. */
  readonly before: readonly string[]
  /** The proxy in front of the place, if the case asked for one. */
  readonly proxy: TcpProxy
  /** Begins a run whose driver `main` connects to the place, with additional configuration. */
  begin(config?: Config): Promise<Run & { readonly client: StoreClient }>
  anotherPlace(): Promise<Place>
  /** A driver instance for the configuration. */
  driver(name: string, options: Options): object
  /** @throws Missing when the subject lacks the ability */
  need<T>(ability: T | undefined, name: string): T
  /** Disposes of it when the case is over, in reverse order. */
  keep<T extends AsyncDisposable>(opened: T): T
  /** Returns an idempotent function that disposes of it early; at the latest it happens when the case is over. */
  until(opened: AsyncDisposable): () => Promise<void>
}

export async function openWorld(subject: DriverSubject, server: StoreServer, proxied: boolean): Promise<World> {
  await using opening = new AsyncDisposableStack()
  const need = <T>(ability: T | undefined, name: string): T => {
    if (ability === undefined) throw new Missing(`${subject.name} offers no ${name}, and the case has no excuse`)
    return ability
  }
  const proxy = proxied ? opening.use(await startProxy(need(server.address, 'address'))) : undefined
  const place = opening.use(await server.place(proxy ? { at: proxy.address } : {}))
  const stranger = opening.use(await place.client({ unseen: true }))
  const seeds = await stranger.create(2, 'of a stranger')
  const before = await place.list()
  const stack = opening.move()
  const driver = (name: string, options: Options) => ({ use: subject.use, name, options })
  return {
    ...{ subject, server, place, stranger, seeds, before, driver, need },
    get proxy() {
      return need(proxy, 'proxy')
    },
    async begin(config = {}) {
      const folder = projectFolder(subject.use, { drivers: [driver('main', place.options)], ...config })
      const run = stack.use(await beginIn(folder, place.libraries))
      const client = stack.use(await place.client())
      return { ...run, client }
    },
    anotherPlace: async () => stack.use(await server.place()),
    keep: (opened) => stack.use(opened),
    until(opened) {
      let over: PromiseLike<void> | undefined
      const end = async () => {
        over ??= opened[Symbol.asyncDispose]()
        await over
      }
      stack.defer(end)
      return end
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
