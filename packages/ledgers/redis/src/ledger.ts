import {
  type LeaseHolder,
  leaseMs,
  type RunOutline,
  type SharedLedger,
  type SharedRunState,
} from '@dustpan/core/shared-ledger'
import { redisJobs } from './jobs.ts'
import { settingsOf } from './options.ts'
import * as scripts from './scripts.ts'
import { openStore } from './store.ts'

/** The shared ledger on Redis. @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export function createLedger(options: unknown): SharedLedger {
  const settings = settingsOf(options)
  const store = openStore(settings)
  const { withClient, keys } = store
  const runScript = <Answer>(script: string, on: readonly string[], values: readonly (string | number)[]) =>
    withClient((client) => client.eval(script, on.length, ...on, ...values)) as Promise<Answer>
  const readRun = (run: string) => withClient((client) => client.hgetall(keys.run(run)))
  return {
    keepMs: settings.keepMs,
    identity: store.identity,
    doubt: store.doubt,
    async append({ run, build, host }, lines) {
      const lists = lines.map(({ writer }) => keys.lines(run, writer))
      const parts = lines.flatMap(({ writer, from, text }) => [writer, from, text])
      await runScript(scripts.append, [keys.runs, keys.run(run), ...lists], [run, host, build ?? '', ...parts])
    },
    async positions(run) {
      const writers = [...writersOf(await readRun(run))]
      const missing = await withClient((client) =>
        Promise.all(writers.map(([writer]) => client.lpos(keys.lines(run, writer), ''))),
      )
      return new Map(writers.map(([writer, { lines }], i) => [writer, missing[i] ?? lines]))
    },
    async runs(run) {
      const [now, flat] = await runScript<[number, string[]]>(scripts.heard, [keys.runs], [run ?? ''])
      const heard = pairs(flat)
      const all = await withClient((client) => Promise.all(heard.map(([id]) => client.hgetall(keys.run(id)))))
      return heard
        .map(([id, at], i) => stateOf(id, Number(at), now, all[i] ?? {}))
        .filter(({ writers }) => writers.size > 0)
        .sort((a, b) => (a.run < b.run ? 1 : -1))
    },
    async *lines(run, writer) {
      for (let line = 0; ; line += pageSize) {
        const page = await withClient((client) => client.lrange(keys.lines(run, writer), line, line + pageSize - 1))
        yield page.map((text) => text || '\n').join('')
        if (page.length < pageSize) return
      }
    },
    async keepOutline(run, outline, changes) {
      await runScript(scripts.keepOutline, [keys.run(run)], [JSON.stringify(outline), changes])
    },
    async lease(run, holder, instead) {
      const values = [JSON.stringify(holder), holder.lease, instead?.lease ?? '', leaseMs]
      const held = await runScript<string | null>(scripts.lease, [keys.lease(run)], values)
      return held === null ? undefined : (JSON.parse(held) as LeaseHolder)
    },
    renew: async (run, { lease }) => (await runScript(scripts.renew, [keys.lease(run)], [lease, leaseMs])) === 1,
    async release(run, { lease }) {
      await runScript(scripts.release, [keys.lease(run)], [lease])
    },
    async drop(run, changes) {
      const lists = [...writersOf(await readRun(run)).keys()].map((writer) => keys.lines(run, writer))
      await runScript(scripts.drop, [keys.runs, keys.run(run), ...lists], [run, changes])
    },
    jobs: () => redisJobs(settings, store),
    [Symbol.asyncDispose]: store.end,
  }
}

/** In lines; small, because lines may be long. */
const pageSize = 500

type Fields = Readonly<Record<string, string>>

function stateOf(run: string, heard: number, now: number, fields: Fields): SharedRunState {
  const { host = '', build, outline, outlined, changes } = fields
  return {
    ...{ run, host, heard: new Date(heard).toISOString(), silentForMs: Math.max(0, now - heard) },
    ...(build === undefined ? {} : { build }),
    ...(outline === undefined || outlined !== changes ? {} : { outline: JSON.parse(outline) as RunOutline }),
    writers: writersOf(fields),
  }
}

function writersOf(fields: Fields): SharedRunState['writers'] {
  const names = Object.keys(fields).flatMap((field) => (field.startsWith('lines ') ? [field.slice(6)] : []))
  const count = (unit: string, writer: string) => Number(fields[`${unit} ${writer}`])
  return new Map(names.map((name) => [name, { lines: count('lines', name), changes: count('changes', name) }]))
}

const pairs = (flat: readonly string[]): readonly (readonly [string, string | undefined])[] =>
  flat.flatMap((one, i) => (i % 2 === 0 ? [[one, flat[i + 1]] as const] : []))
