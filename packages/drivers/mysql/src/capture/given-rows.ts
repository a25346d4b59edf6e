/** Rows of the user's own RETURNING, as the server sent them: what his client makes of their values may be others. */
import type { Json } from '@dustpan/core/driver'
import type { Command, FieldDefinition, Packet } from '../mysql2.ts'
import { isBinary, keyFrom } from '../removal/statement-parts.ts'
import type { Column, Table } from '../tables.ts'
import { hasLetters, type Passage } from './charsets.ts'
import { unpadded } from './key-columns.ts'
import { type RawValue, valuesIn } from './raw-values.ts'

export class GivenRows {
  readonly #rows: (readonly RawValue[])[] = []
  #fields: readonly FieldDefinition[] = []

  add(packet: Packet, { _fields, _resultIndex, _executeOptions }: Command): void {
    const fields = _fields[_resultIndex] ?? []
    // A definition keeps what was read of it, where the user can see it.
    if (this.#rows.length === 0) this.#fields = fields.map((field) => Object.create(field) as FieldDefinition)
    this.#rows.push(valuesIn(packet, fields, _executeOptions !== undefined))
  }

  get count(): number {
    return this.#rows.length
  }

  /** Undefined: not all of the key is among the columns, under whatever name, or what it is is not certain. */
  keysOf({ schema, table, key }: Table, letters: Passage): readonly Json[] | undefined {
    const places = key.map(({ name }) =>
      this.#fields.findIndex(
        (field) => isSame(field.orgName, name) && isSame(field.orgTable, table) && isSame(field.schema, schema),
      ),
    )
    if (key.length === 0 || places.includes(-1)) return undefined
    const texts = this.#rows.map((row) => key.map((column, at) => textIn(column, row[places[at] ?? -1], letters)))
    if (texts.some((row) => row.includes(undefined))) return undefined
    return texts.map((row) => keyFrom(key, row as string[]))
  }
}

function isSame(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase()
}

function textIn(column: Column, value: RawValue, letters: Passage): string | undefined {
  if (!value || inexact.has(column.type)) return undefined
  if (isBinary(column)) return `0x${value.toString('hex')}`
  if (column.type === 'bit') return String(BigInt(`0x0${value.toString('hex')}`))
  const text = value.toString()
  if (!hasLetters(letters, text) || (letters !== 'utf8mb4' && mayBeOther.test(text))) return undefined
  return unpadded(column, text)
}

/** Their texts are not what a question for them gives. */
const inexact = new Set(['float', 'double', 'time'])

/** What a session without the letter gets instead, and the bytes of letters that are no bytes. */
const mayBeOther = /[?\0]/
