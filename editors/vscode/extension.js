// Starts `portolan lsp` and joins it to the editor; everything else is the server's.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const settings = workspace.getConfiguration("portolan");
  const server = { command: settings.get("path"), args: ["lsp"] };
  client = new LanguageClient("portolan", "Portolan", server, {
    documentSelector: [{ language: "portolan" }],
    initializationOptions: { platform: settings.get("platform"), pages: settings.get("pages") },
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/{*.kdl,portolan.lock,portolan.history}") },
  });
  await client.start();
};

exports.deactivate = () => client?.stop();
