import { expect } from 'vitest'
import { createHttpDriver } from '../../src/http/driver.ts'
import type { HttpOptions } from '../../src/resource/http-options.ts'
import type { Target } from '../../src/resource/target.ts'
import type { RecordedScope } from '../http-capture/recording-sink.ts'
import { removalContext } from './driver-calls.ts'

/** Removes what a scope recorded as the pipeline does, and returns the outcomes by store: `removed 204 No Content`. */
export async function removeRecorded(scope: RecordedScope, options: HttpOptions = {}): Promise<string[]> {
  const functions = { cleaner: () => undefined, driverOption: () => undefined }
  const driver = createHttpDriver('http', options, { root: '/', environment: 'test', functions })
  const ends: string[] = []
  for (const id of new Set(scope.stores.map((store) => store.id))) {
    expect(driver.serves?.({ id })).toBe(true)
    await using connection = await driver.connect({ driver: 'http', id }, removalContext())
    const outcomes = await connection.remove(targetsIn(scope, id), removalContext())
    for (const outcome of outcomes.values())
      ends.push('result' in outcome ? `${outcome.state} ${outcome.result}` : outcome.state)
  }
  return ends
}

const targetsIn = ({ known }: RecordedScope, id: string): Target[] =>
  known
    .filter(({ store }) => store.id === id)
    .map((resource) => ({
      ...resource,
      removal: resource.removal as Target['removal'],
      proof: { strength: 'key-only' },
      createdAt: 0,
    }))
