/** Fields that hold the messages of a saved request or state. */
export const CONTAINERS: readonly string[] = ['messages', 'history', 'conversation_history', 'contents', 'input'];
