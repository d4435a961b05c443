/** An end that a person must be told of: `message` is a translated sentence that needs nothing added. */
export class HumanError extends Error {
  readonly actions: readonly HumanAction[];

  constructor(message: string, actions: readonly HumanAction[] = []) {
    super(message);
    this.name = 'HumanError';
    this.actions = actions;
  }
}

export interface HumanAction {
  readonly label: string;
  run(): unknown;
}
