/** Which of the user's statements have to be tracked: all others are sent as they are. */
import { hasRecorded, mayRekey, notePointed, rekeysRecorded } from '../changes/recorded-tables.ts'
import { analyse, isAnalysed, mayHaveEffects, mayUpdate } from '../sql/analyse.ts'
import { parser } from '../sql/parser.ts'

/**
 * Whether a text may have effects that are tracked; exact once the parser is loaded. An UPDATE counts when it may change a
 * recorded key.
 */
export function concerns(text: string): boolean {
  if (!isAnalysed(text)) {
    if (!mayHaveEffects(text) && !(mayUpdate(text) && mayRekey(text))) return false
    if (!parser.loaded) return true
  }
  const analysis = analyse(text)
  for (const rekeying of analysis?.rekeyings ?? []) notePointed(rekeying)
  return analysis !== undefined && (!analysis.onlyUpdates || analysis.rekeyings.some(rekeysRecorded))
}

/** The same for parts of a text, which may lack names. */
export const partsMayConcern = (parts: string): boolean => mayHaveEffects(parts) || (hasRecorded() && mayUpdate(parts))
