/**
 * One build at a time in one folder: two compilers writing the same objects would corrupt each other's work.
 * Must not outlive its process: a lock whose owner is gone is taken over.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const POLL_MILLISECONDS = 200;

/** Runs `work` while holding the lock file at `path`; waits for another living process that holds it. */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  while (!tryTake(path)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryTake(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!ownerIsAlive(path)) rmSync(path, { force: true });
  return false;
}

function ownerIsAlive(path) {
  let owner;
  try {
    owner = Number(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
  // Empty: the owner has created the file and is about to write its id.
  if (owner === 0) return true;
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
