/** Reads fields that older versions wrote as text, and this one writes as data. */
import type { SkippedStep } from '../resource/resource.ts'
import type { EventBody, LoggedOutcome } from './events.ts'

/** `why: 'step 1: environment is test'`, without `step`. */
export function skippedStepOf({
  step,
  why,
}: Pick<Extract<EventBody, { e: 'step.skipped' }>, 'step' | 'why'>): SkippedStep {
  if (step !== undefined) return { step, why }
  const [, number, text] = /^step (\d+): (.*)$/s.exec(why) ?? []
  return { step: Number(number ?? 0), why: text ?? why }
}

/** `strategy delayed` for `strategy-delayed`. Other reasons that were text are only displayed. */
export const reasonOf = (why: string): string => (why === 'strategy delayed' ? 'strategy-delayed' : why)

/** `result: 'marked'` or `'marked, 200 OK'`, without `marked`. */
export const isMarked = ({ marked, result }: LoggedOutcome): boolean => marked ?? /^marked\b/.test(result ?? '')
