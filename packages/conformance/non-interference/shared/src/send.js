/** For mocked modules. */
export const send = (to) => `really sent to ${to}`
export const greet = (name) => send(`${name}@example.com`)
