import type { Environment } from '../environment.ts'
import { badInput } from '../refusal.ts'
import type { TestDataType } from '../store.ts'

export type Method = 'hard_delete' | 'soft_delete'

export const methodOf = ({ softDelete = false }: TestDataType, permanent: boolean): Method =>
  softDelete && !permanent ? 'soft_delete' : 'hard_delete'

/** Where others work too, what can be marked is marked, unless somebody asks for more. */
export const permanentByDefault = (environment: Environment): boolean => environment !== 'staging'

/** @throws Refusal 400 for what is neither true nor false */
export function readSwitch(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  if (value !== null && value !== 'true' && value !== 'false') throw badInput(`${name}: expected true or false`)
  return value === null ? undefined : value === 'true'
}
