import { InvalidArgumentError } from 'commander'

export type Filter = Readonly<Record<string, string | null>>

/** `email=test-%`; `deleted_at=` for a field without a value. */
export function filter(value: string, before: Filter = {}): Filter {
  const [, field, wanted] = /^([^=]+)=(.*)$/s.exec(value) ?? []
  if (field === undefined || wanted === undefined)
    throw new InvalidArgumentError("Expected 'field=value', such as 'email=test-%'.")
  return { ...before, [field.trim()]: wanted === '' ? null : wanted }
}
