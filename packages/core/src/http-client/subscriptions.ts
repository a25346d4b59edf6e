/** Subscribes to diagnostics channels. An error in Dustpan must not reach the test: Node would end the process for it. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

export type Listeners<Message> = { readonly [channel: string]: (message: Message) => void }

export function subscriptions<Message>(listeners: Listeners<Message>, failed: (error: unknown) => void): Disposable {
  const entries = Object.entries(listeners).map(([channel, listener]) => {
    const guarded = (message: unknown) => {
      try {
        listener(message as Message)
      } catch (error) {
        failed(error)
      }
    }
    subscribe(channel, guarded)
    return [channel, guarded] as const
  })
  return {
    [Symbol.dispose]() {
      for (const [channel, guarded] of entries) unsubscribe(channel, guarded)
    },
  }
}
