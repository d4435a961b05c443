// Another extension in the same window, for the tests: calls language-model tools as an agent would.
const fs = require('node:fs');
const vscode = require('vscode');

async function callTool() {
  const { name, input } = JSON.parse(await vscode.window.showInputBox({ title: 'Tool', ignoreFocusOut: true }));
  const answer = {};
  try {
    const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    answer.text = result.content.map((part) => part.value).join('');
  } catch (error) {
    answer.error = error.message;
  }
  // Whole or not at all, since the test reads it as soon as it is there.
  fs.writeFileSync(`${process.env.PROBE_ANSWER}.part`, JSON.stringify(answer));
  fs.renameSync(`${process.env.PROBE_ANSWER}.part`, process.env.PROBE_ANSWER);
}

exports.activate = (context) => {
  const ready = vscode.window.createStatusBarItem('ready', vscode.StatusBarAlignment.Right);
  ready.text = '$(beaker)';
  ready.show();
  context.subscriptions.push(ready, vscode.commands.registerCommand('probe.callTool', callTool));
};
