import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isInGit, isPlainKey, keyFromElsewhere, keyUnder, tidyAbsolute } from '../../../src/core/files/paths.ts';

describe('paths', () => {
  it('makes keys with / from both systems and knows what is outside', () => {
    assert.equal(keyUnder('/w/shop', '/w/shop/src/a.py', 'posix'), 'src/a.py');
    assert.equal(keyUnder('/w/shop', '/w/shop', 'posix'), '.');
    assert.equal(keyUnder('/w/shop', '/w/shopping/a.py', 'posix'), undefined);
    assert.equal(keyUnder('/w/shop', '/w/shop/..a.py', 'posix'), '..a.py');
    assert.equal(keyUnder('C:\\w\\shop', 'C:\\w\\shop\\src\\a.py', 'win32'), 'src/a.py');
    assert.equal(keyUnder('C:\\w\\shop', 'c:\\W\\SHOP\\src\\a.py', 'win32'), 'src/a.py');
    assert.equal(keyUnder('C:\\w\\shop', 'D:\\w\\shop\\a.py', 'win32'), undefined);
    assert.equal(keyUnder('\\\\host\\share\\shop', '\\\\host\\share\\shop\\a.py', 'win32'), 'a.py');
  });

  it("writes a Windows path in one spelling: capital drive, backslashes, no '\\\\?\\'", () => {
    assert.equal(tidyAbsolute('c:/w/./x/../a.py', 'win32'), 'C:\\w\\a.py');
    assert.equal(tidyAbsolute('\\\\?\\c:\\w\\a.py', 'win32'), 'C:\\w\\a.py');
    assert.equal(tidyAbsolute('c:\\', 'win32'), 'C:\\');
    assert.equal(tidyAbsolute('C:\\w\\', 'win32'), 'C:\\w');
    assert.equal(tidyAbsolute('/w//x/../a.py', 'posix'), '/w/a.py');
  });

  it('takes paths of another machine to the folder that stands for theirs', () => {
    assert.equal(keyFromElsewhere('/home/ann/shop/src/a.py', '/home/ann/shop'), 'src/a.py');
    assert.equal(keyFromElsewhere('c:\\Users\\Ann\\shop\\src\\a.py', 'C:\\Users\\ann\\shop\\'), 'src/a.py');
    assert.equal(keyFromElsewhere('/home/ann/other/a.py', '/home/ann/shop'), undefined);
    assert.equal(keyFromElsewhere('/home/ann/shop/a.py', 'C:\\Users\\Ann\\shop'), undefined);
    assert.equal(keyFromElsewhere('src/a.py', '/home/ann/shop'), undefined);
  });

  it('takes only plain names for keys', () => {
    for (const key of ['a', 'a/b.py', '..a', 'a..', '.env', '__proto__', 'a/...', 'ä/日本/🙂']) {
      assert.equal(isPlainKey(key, 'posix'), true, key);
    }
    for (const key of ['', '.', '..', '/a', 'a/', 'a//b', './a', 'a/./b', 'a/../b', '../a', 'a/..', 'a\0b']) {
      assert.equal(isPlainKey(key, 'posix'), false, key);
    }
    assert.equal(isPlainKey('a\\b', 'posix'), true);
    for (const key of ['a\\b', 'C:/a', 'a:stream']) assert.equal(isPlainKey(key, 'win32'), false, key);
  });

  it('knows a repository’s own folder in every spelling that a disk may accept', () => {
    for (const key of ['.git', '.git/config', '.GIT/hooks/x', 'sub/.git/config', '.git./x', '.git::$INDEX/x']) {
      assert.equal(isInGit(key), true, key);
    }
    for (const key of ['.gitignore', '.github/x', 'git/x', 'a.git/x']) assert.equal(isInGit(key), false, key);
  });

  it('agrees with itself: a plain key, joined to the folder in any spelling, is that key again', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9._ ä日-]{1,8}$/).filter((text) => !/^\.+$/.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), fc.nat(4), (names, at) => {
        const key = names.join('/');
        assert.equal(isPlainKey(key, 'posix'), true);
        const around = [...names.slice(0, at), '.', 'x', '..', ...names.slice(at)].join('/');
        assert.equal(keyUnder('/w', tidyAbsolute(`/w//${around}`, 'posix'), 'posix'), key);
        const windows = tidyAbsolute(`c:/w/${around}`, 'win32');
        assert.equal(keyUnder('C:\\W', windows, 'win32'), key);
      }),
    );
  });
});
