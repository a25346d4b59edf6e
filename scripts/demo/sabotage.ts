import { DatabaseSync } from 'node:sqlite'

/** From now on the shop's database refuses to delete a cart, so the shop answers 500. */
export function refuseToDeleteCarts(database: string): void {
  using db = new DatabaseSync(database, { timeout: 5000 })
  db.exec(`CREATE TRIGGER refuse BEFORE DELETE ON carts BEGIN SELECT RAISE(ABORT, 'carts stay'); END`)
}
