import { spawn } from 'node:child_process';

/** Lines of a child's output kept for the error message. */
const LINES_KEPT = 60;

/**
 * Starts a program in a process group of its own, so that all it starts ends with it.
 * `output()` gives the last lines it wrote; `ended` resolves to its exit code or signal.
 */
export function startGroup(program, args, { env } = {}) {
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const lines = [];
  const watchers = new Set();
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (chunk) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop();
      for (const line of parts) {
        lines.push(line);
        if (lines.length > LINES_KEPT) lines.shift();
        for (const watcher of watchers) watcher(line);
      }
    });
  }
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`cannot start: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  return {
    pid: child.pid,
    ended,
    output: () => lines.join('\n'),
    signal(name) {
      try {
        process.kill(-child.pid, name);
      } catch (error) {
        if (error.code !== 'ESRCH') throw error; // it has already ended
      }
    },
    /** The first line that matches, already written or to come; rejects when the program ends before. */
    line(pattern, timeout_ms) {
      const found = lines.map((line) => pattern.exec(line)).find(Boolean);
      if (found) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        const finish = (settle, value) => {
          clearTimeout(timer);
          watchers.delete(watcher);
          settle(value);
        };
        const watcher = (line) => {
          const match = pattern.exec(line);
          if (match) finish(resolve, match);
        };
        const fail = (why) => finish(reject, new Error(`${program} ${why} before writing ${pattern}:\n${lines.join('\n')}`));
        const timer = setTimeout(() => fail(`waited ${timeout_ms} ms`), timeout_ms);
        watchers.add(watcher);
        ended.then((how) => fail(`ended (${how})`));
      });
    },
  };
}

/** Runs a program to its end and gives what it wrote; throws with its error output when it fails. */
export function run(program, args, { env, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve({ stdout, stderr });
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`));
    });
    // Most programs read nothing, and may have ended before anything is written: what they say is what counts.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}
