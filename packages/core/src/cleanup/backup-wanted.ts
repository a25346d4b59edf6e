/** Which resources the configuration wants backed up, and which of their fields. */
import type { BackupSettings } from '../config/settings.ts'
import { namesOf } from '../planning/protect.ts'
import type { Json, Resource } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import type { CleanupContext } from './context.ts'

/** Rows that a test only changed need no backup: their removal restores them. */
export function isWanted({ set }: Resource, { settings, drivers }: CleanupContext): boolean {
  const { backup } = settings.cleanup
  if (!backup || set.changed) return false
  return backup.types?.some((type) => namesKind([type], namesOf(set, drivers))) ?? true
}

/** Columns and fields of this resource that backups leave out. */
export function omittedOf({ set }: Resource, { settings, drivers }: CleanupContext): readonly string[] {
  const omit = settings.cleanup.backup?.omit ?? []
  return omit.length === 0 ? [] : omittedFrom(omit, namesOf(set, drivers))
}

/** Types may contain dots, so each dot is tried. */
function omittedFrom(omit: BackupSettings['omit'], names: readonly string[]): readonly string[] {
  return omit.flatMap((name) => {
    const dots = [...name.matchAll(/\./g)].map(({ index }) => index)
    const dot = dots.find((at) => namesKind([name.slice(0, at)], names))
    return dot === undefined ? [] : [name.slice(dot + 1)]
  })
}

/** Undefined if the backup has no columns or fields, so that none can be left out. */
export function withoutFields(backup: Json, omitted: readonly string[]): Json | undefined {
  if (omitted.length === 0) return backup
  const { fields, ...rest } = (backup ?? {}) as { readonly [part: string]: Json }
  if (typeof fields !== 'object' || fields === null) return undefined
  return { ...rest, fields: Object.fromEntries(Object.entries(fields).filter(([name]) => !omitted.includes(name))) }
}
