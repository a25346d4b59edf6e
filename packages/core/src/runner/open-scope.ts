/** A scope as an adapter uses it. */
import type { CleanupContext } from '../cleanup/context.ts'
import { clock } from '../clock/clock.ts'
import type { ScopeIdentity } from '../journal/events.ts'
import { decide } from '../planning/policy.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Verdict } from '../resource/resource.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'
import type { ApplicationRows } from './application-rows.ts'
import { closeScope } from './close-scope.ts'
import type { OpenScope, RunnerSession } from './session.ts'

/** An open scope with its internal state. */
interface SessionScope extends OpenScope {
  readonly scope: Scope
}

/** Attempts that created something, by test. */
type Attempts = Map<string, Scope>

export interface ScopeOpener {
  open: RunnerSession['openScope']
  /** Closes all open scopes, innermost first. */
  closeAll(verdict: Verdict): Promise<void>
}

/** @param settled waits briefly for work in flight when a scope is interrupted: nothing waits for it later */
export function scopeOpener(
  tracking: Tracking,
  context: CleanupContext,
  application: ApplicationRows,
  settled: () => Promise<void>,
): ScopeOpener {
  const attemptsIn = new WeakMap<Scope, Attempts>()
  const opened = new Set<OpenScope>()
  const open = (parent: OpenScope | undefined, who: ScopeIdentity): SessionScope => {
    const scope = tracking.openScope(who, (parent as SessionScope | undefined)?.scope)
    let closing: ReturnType<OpenScope['close']> | undefined
    const closeNow: OpenScope['close'] = (verdict, options) => {
      const closed = closeScope(tracking, context, application, scope, verdict, options)
      return options.willRetry === false ? closed : closed.then(remember)
    }
    const close: OpenScope['close'] = (verdict, options) =>
      verdict === 'interrupted' ? settled().then(() => closeNow(verdict, options)) : closeNow(verdict, options)
    const remember = (report: CleanupReport | undefined) => {
      if (report) attemptsOf(attemptsIn, scope).set(nameOf(who), scope)
      return report
    }
    const one: SessionScope = {
      id: scope.id,
      get isEmpty() {
        return !scope.written && !application.collects
      },
      scope,
      run: (fn) => tracking.context.run(scope, fn),
      switchTo: () => tracking.context.switchTo(scope),
      enter: () => tracking.context.enter(scope),
      async ready() {
        if (who.attempt > 0) await removeEarlierAttempt(tracking, context, attemptsOf(attemptsIn, scope), who)
      },
      close(verdict, options) {
        if (closing) return closing
        closing = close(verdict, options)
        void closing.then(() => opened.delete(one))
        return closing
      },
    }
    opened.add(one)
    application.opened(scope)
    return one
  }
  return {
    open,
    async closeAll(verdict) {
      for (const one of [...opened].reverse()) await one.close(verdict, { willRetry: false })
    },
  }
}

/** Of several attempts only the last is kept. Data kept by `autoCleanup: false` or `DUSTPAN_KEEP=all` still stays. */
async function removeEarlierAttempt(
  tracking: Tracking,
  context: CleanupContext,
  attempts: Attempts,
  who: ScopeIdentity,
): Promise<void> {
  const name = nameOf(who)
  const earlier = attempts.get(name)
  if (!earlier) return
  attempts.delete(name)
  const { settings } = tracking
  const verdict = earlier.ending?.verdict ?? 'failed'
  if (decide(settings, earlier.policy, { verdict, willRetry: true }).decision === 'keep') return
  const left = earlier.resources.filter(({ set }) => set.lifetime === 'test')
  const { clean } = await import('./cleaning.ts')
  await clean(left, context, clock.now() + settings.cleanup.timeoutMs)
}

function attemptsOf(attemptsIn: WeakMap<Scope, Attempts>, { parent }: Scope): Attempts {
  const place = parent as Scope
  const known = attemptsIn.get(place) ?? new Map()
  attemptsIn.set(place, known)
  return known
}

const nameOf = ({ project, file, path, repeat, runnerId }: ScopeIdentity): string =>
  JSON.stringify([project, file, path, repeat, runnerId])
