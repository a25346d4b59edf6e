/** A small application with its rows and its own functions for them. */
import type { AuditEntry } from '../src/audit.ts'
import { type TestDataEndpoints, testDataEndpoints } from '../src/endpoints.ts'
import type { EndpointOptions } from '../src/settings.ts'
import type { Fields, Mark, TestDataStore } from '../src/store.ts'

export const key = 'a-key-of-this-test-only'

interface Row {
  readonly id: number
  readonly type: string
  readonly fields: Fields
  readonly mark?: Mark | undefined
  readonly owner?: number
  deleted?: boolean
}

export interface App {
  readonly rows: Row[]
  /** Every call of a function of the store. */
  readonly calls: string[]
  readonly audit: AuditEntry[]
  readonly store: TestDataStore
  add(type: string, fields: Fields, mark?: Mark, owner?: number): Row
  remaining(): string[]
  endpoints(options?: Partial<EndpointOptions>): TestDataEndpoints
}

export function createApp(): App {
  const rows: Row[] = []
  const calls: string[] = []
  const audit: AuditEntry[] = []
  let last = 0
  const add: App['add'] = (type, fields, mark, owner) => {
    const row = { id: ++last, type, fields, mark, ...(owner === undefined ? {} : { owner }) }
    rows.push(row)
    return row
  }
  const take = (matching: (row: Row) => boolean, soft = false) => {
    const found = rows.filter((row) => !row.deleted && matching(row))
    for (const row of found) {
      if (soft) row.deleted = true
      else rows.splice(rows.indexOf(row), 1)
    }
    return found.length
  }
  const of = (type: string, softDelete: boolean): TestDataStore['types'][string] => ({
    create(fields, mark) {
      calls.push(`create ${type}`)
      if (rows.some((row) => row.fields.email !== undefined && row.fields.email === fields.email)) {
        throw Object.assign(new Error('This e-mail address is taken'), { status: 409 })
      }
      const { id } = add(type, fields, mark)
      return { id, ...fields }
    },
    find: (id) => {
      const row = rows.find((one) => one.type === type && one.id === Number(id))
      return row && { ...row.fields, isTest: row.mark?.isTest }
    },
    remove(id, { permanent }) {
      calls.push(`remove ${type}`)
      return take((row) => row.type === type && row.id === Number(id), softDelete && !permanent) > 0
    },
    removeByTag(tags, { permanent }) {
      calls.push(`tag ${type} ${tags}`)
      return take(
        (row) => row.type === type && tags.some((tag) => row.mark?.tags.includes(tag)),
        softDelete && !permanent,
      )
    },
    removeByRun(run, { permanent }) {
      calls.push(`run ${type} ${run}`)
      return take((row) => row.type === type && row.mark?.run === run, softDelete && !permanent)
    },
    id: /^\d+$/,
    softDelete,
  })
  const store: TestDataStore = {
    types: {
      users: {
        ...of('users', true),
        removeData(owner, { include }) {
          calls.push(`data ${owner} ${JSON.stringify(include)}`)
          const belongs = (type: string) => (row: Row) => row.type === type && row.owner === Number(owner)
          return { items: take(belongs('items')), otps: include.otp === false ? 0 : take(belongs('otps')) }
        },
      },
      items: of('items', false),
      otps: {},
    },
    reset() {
      calls.push('reset')
      rows.length = 0
      return undefined
    },
  }
  return {
    rows,
    calls,
    audit,
    store,
    add,
    remaining: () => rows.filter(({ deleted }) => !deleted).map(({ type, id }) => `${type} ${id}`),
    endpoints: (options) =>
      testDataEndpoints({
        store,
        enabled: true,
        environment: 'test',
        key,
        audit: (entry) => void audit.push(entry),
        ...options,
      }),
  }
}
