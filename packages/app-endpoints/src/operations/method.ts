import type { Environment } from '../environment.ts'
import { badInput } from '../refusal.ts'
import type { TestDataType } from '../store.ts'

export type Method = 'hard_delete' | 'soft_delete'

export const methodOf = ({ softDelete = false }: TestDataType, permanent: boolean): Method =>
  softDelete && !permanent ? 'soft_delete' : 'hard_delete'

/** On staging, which others use too, resources are soft-deleted where possible, unless the call asks for more. */
export const permanentByDefault = (environment: Environment): boolean => environment !== 'staging'

/** @throws Refusal 400 for a value other than true or false */
export function readSwitch(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  if (value !== null && value !== 'true' && value !== 'false') throw badInput(`${name}: expected true or false`)
  return value === null ? undefined : value === 'true'
}
