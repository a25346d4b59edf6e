/** Rows of the user's own RETURNING as the server sent them: the user's client may convert their values. */
import type { Json } from '@dustpan/core/driver'
import type { Command, FieldDefinition, Packet } from '../mysql2.ts'
import { isBinary, keyFrom } from '../removal/statement-parts.ts'
import type { Column, Table } from '../tables.ts'
import { canEncode, type Repertoire } from './charsets.ts'
import { unpadded } from './key-columns.ts'
import { type RawValue, valuesIn } from './raw-values.ts'

export class ReturnedRows {
  readonly #rows: (readonly RawValue[])[] = []
  #fields: readonly FieldDefinition[] = []

  add(packet: Packet, { _fields, _resultIndex, _executeOptions }: Command): void {
    const fields = _fields[_resultIndex] ?? []
    // mysql2 caches parsed properties on a definition, where the user can see them.
    if (this.#rows.length === 0) this.#fields = fields.map((field) => Object.create(field) as FieldDefinition)
    this.#rows.push(valuesIn(packet, fields, _executeOptions !== undefined))
  }

  get count(): number {
    return this.#rows.length
  }

  /** Undefined: not all key columns were returned (under any alias), or a value is ambiguous. */
  keysOf({ schema, table, key }: Table, repertoire: Repertoire): readonly Json[] | undefined {
    const positions = key.map(({ name }) =>
      this.#fields.findIndex(
        (field) => isSame(field.orgName, name) && isSame(field.orgTable, table) && isSame(field.schema, schema),
      ),
    )
    if (key.length === 0 || positions.includes(-1)) return undefined
    const texts = this.#rows.map((row) => key.map((column, at) => textIn(column, row[positions[at] ?? -1], repertoire)))
    if (texts.some((row) => row.includes(undefined))) return undefined
    return texts.map((row) => keyFrom(key, row as string[]))
  }
}

function isSame(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase()
}

function textIn(column: Column, value: RawValue, repertoire: Repertoire): string | undefined {
  if (!value || inexact.has(column.type)) return undefined
  if (isBinary(column)) return `0x${value.toString('hex')}`
  if (column.type === 'bit') return String(BigInt(`0x0${value.toString('hex')}`))
  const text = value.toString()
  if (!canEncode(repertoire, text) || (repertoire !== 'utf8mb4' && mayBeMisread.test(text))) return undefined
  return unpadded(column, text)
}

/** Types whose text differs from that of a query for the key. */
const inexact = new Set(['float', 'double', 'time'])

/** The replacement for a character that the session lacks, and the bytes of multi-byte units. */
const mayBeMisread = /[?\0]/
