/** Observes what a run left behind, in its ledger and in the stores. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CleanupReport } from '@dustpan/core'
import type { Api } from '../api.ts'
import { once } from '../servers/index.ts'
import type { Case } from './case.ts'
import { type Sent, sentOf } from './sent.ts'

type Scope = CleanupReport['scopes'][number]

export interface Observed {
  readonly ledger: readonly string[]
  readonly left: readonly string[]
  readonly runs: number
  readonly intents: number
  readonly sent: Sent
}

export interface Place {
  readonly folder: string
  readonly databaseUrl: string
  readonly api: Api
}

/** Limited to the case's test files, except for intents, which have no file and count for the whole run. */
export async function observe({ files, alone }: Case, { folder, databaseUrl, api }: Place): Promise<Observed> {
  const reports = globSync('.dustpan/runs/*/report.json', { cwd: folder }).map(
    (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as CleanupReport,
  )
  const places = Object.keys(files)
  const withVerdict = alone?.clean !== true
  return {
    ledger: places.flatMap((place) => reports.flatMap(({ scopes }) => ledgerOf(place, scopes, withVerdict))).sort(),
    left: [
      ...leftInApi(places, api),
      ...(await leftInPostgres(places, databaseUrl)),
      ...leftInSqlite(places, folder),
    ].sort(),
    runs: reports.length,
    intents: reports.reduce((sum, { intents }) => sum + intents.length, 0),
    sent: alone?.shared ? await sentOf(folder, databaseUrl) : 'not at all',
  }
}

function ledgerOf(place: string, scopes: readonly Scope[], withVerdict: boolean): string[] {
  const ours = scopes.filter(({ file }) => file !== undefined && basename(file).split('.')[0] === place)
  const tests = ours.filter(({ kind }) => kind === 'test').map((scope) => lineOf(scope, withVerdict))
  const shared = scopes
    .filter((scope) => scope.kind !== 'test' && (scope.file === undefined || ours.includes(scope)))
    .flatMap(({ file, resources }) => resources.filter(({ removal }) => file || removal.includes(`/${place}/`)))
  return [...tests, ...(shared.length === 0 ? [] : [`shared: ${statesOf(shared)}`])]
}

function lineOf({ path = [], attempt, verdict, resources }: Scope, withVerdict: boolean): string {
  const title = path.filter((part) => part !== '(file)').join(' > ')
  const ending = withVerdict && verdict ? ` (${verdict})` : ''
  return `${title}${attempt > 0 ? ` #${attempt}` : ''}${ending}: ${statesOf(resources)}`
}

const statesOf = (resources: Scope['resources']): string =>
  resources
    .map(({ type, state }) => `${type} ${state}`)
    .sort()
    .join(', ')

function leftInApi(places: readonly string[], api: Api): string[] {
  const left = places.flatMap((place) => api.left().filter((path) => path.startsWith(`${place}/`)))
  return left.map((path) => path.slice(path.indexOf('/') + 1).replace(/\d+/g, 'N'))
}

async function leftInPostgres(places: readonly string[], url: string): Promise<string[]> {
  const { rows } = await once(url, 'SELECT place, text FROM notes ORDER BY text')
  return textsIn('PostgreSQL', places, rows)
}

function leftInSqlite(places: readonly string[], folder: string): string[] {
  const database = new DatabaseSync(join(folder, 'notes.db'))
  const rows = database.prepare('SELECT place, text FROM notes ORDER BY text').all()
  database.close()
  return textsIn('SQLite', places, rows as never)
}

const textsIn = (store: string, places: readonly string[], rows: readonly { place: string; text: string }[]) =>
  rows.filter(({ place }) => places.includes(place)).map(({ text }) => `${store} ${text}`)
