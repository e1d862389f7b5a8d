/**
 * Who is in a room, by the answers to `sub` and the presence pushes.
 * @typedef {{user: string, name: string, roles: string[], since: number}} Person
 */
export class People {
  /** @type {Map<string, Person>} */
  #byUser = new Map();

  /** In the order in which they came. @returns {Person[]} */
  get list() {
    return [...this.#byUser.values()].sort((a, b) => a.since - b.since || (a.user < b.user ? -1 : 1));
  }

  /** @param {Person[]} people */
  replace(people) {
    this.#byUser = new Map(people.map((person) => [person.user, person]));
  }

  /** @param {{join?: Person[], leave?: string[]}} push */
  apply({ join = [], leave = [] }) {
    for (const user of leave) this.#byUser.delete(user);
    for (const person of join) this.#byUser.set(person.user, person);
  }
}
