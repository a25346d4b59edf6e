/** Where this process last sent something that changes things: what is tracked by hand with a path only is meant to be there. */
let last: string | undefined

export const lastStore = {
  note(store: string): void {
    last = store
  },
  get id(): string | undefined {
    return last
  },
}
