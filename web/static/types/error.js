/** The one shape in which the server reports an error: what was found, what was expected, what to do. Types only. */

/** @typedef {{code: string, message: string, expected: string, remedy: string}} ErrorFacts */

export {};
