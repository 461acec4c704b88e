// SPDX-License-Identifier: MIT
// A plugin of ABI 1.0 in Rust, with its standard library alone and without the headers: what of plugin.h it needs is written here.
// No panic leaves a function: each body stands in catch_unwind.
use std::ffi::{c_void, CStr};
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::{mem, ptr, slice};

type Status = i32;
const OK: Status = 0;
const E_FAILED: Status = -1;
const E_SETTINGS: Status = -3;
const E_UNSUPPORTED: Status = -4;
const BENIGN: i32 = 1;
const SUSPICIOUS: i32 = 2;
const MALICIOUS: i32 = 3;
const CONFIDENCE_UNSET: u32 = 0xFFFF_FFFF;
const LOG_WARN: i32 = 2;
const ARTIFACT_FILE: u32 = 1;
const CAP_PARALLEL_SCANNERS: u32 = 1;
const CAP_FORK_AFTER_OPEN: u32 = 2;
const CAP_DETERMINISTIC: u32 = 8;
const SETTING_STRING: u32 = 1;
const SETTING_INTEGER: u32 = 3;
const SETTING_BOOLEAN: u32 = 4;
const SETTING_LIST: u32 = 2;

// ---- plugin.h, as far as it is needed

#[repr(C)]
struct Descriptor {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    min_host_minor: u16,
    setting_count: u16,
    setting_size: u32,
    artifact_types: u32,
    caps: u32,
    needs: u32,
    reserved0: u32,
    id: [u8; 64],
    version: [u8; 32],
    name: [u8; 64],
    vendor: [u8; 64],
    license: [u8; 32],
    url: [u8; 128],
    reserved1: [u8; 96],
}
#[repr(C)]
struct Setting {
    name: [u8; 40],
    kind: u32,
    flags: u32,
    default_value: [u8; 48],
    unit: [u8; 16],
    allowed: [u8; 48],
    doc: [u8; 96],
}
#[repr(C)]
struct Card {
    namesz: u32,
    descsz: u32,
    kind: u32,
    owner: [u8; 4],
    descriptor: Descriptor,
    settings: [Setting; SETTINGS],
}
#[repr(C)]
#[derive(Clone, Copy)]
struct Text {
    data: *const u8,
    size: u64,
}
#[repr(C)]
struct Request {
    struct_size: u32,
    flags: u32,
    artifact_type: u32,
    fd: i32,
    data: *const u8,
    size: u64,
    deadline_ns: u64,
    sha256: *const u8,
    name: Text,
    mime: Text,
}
#[repr(C)]
struct Answer {
    struct_size: u32,
    verdict: i32,
    confidence: u32,
    flags: u32,
    bytes_scanned: u64,
}
#[repr(C)]
struct Detection {
    struct_size: u32,
    verdict: i32,
    confidence: u32,
    flags: u32,
    name: Text,
    family: Text,
    name_space: Text,
    tags: *const Text,
    tag_count: u64,
    offset: u64,
    length: u64,
    detail: Text,
}
#[repr(C)]
struct Host {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    name: *const c_char,
    version: *const c_char,
    log: extern "C" fn(*mut c_void, i32, *const u8, u64),
    fail: extern "C" fn(*mut c_void, *const c_char, *const u8, u64),
    should_stop: extern "C" fn(*mut c_void) -> Status,
    add_detection: extern "C" fn(*mut c_void, *const Detection) -> Status,
    temp_dir: extern "C" fn(*mut c_void, *mut Text) -> Status,
    setting_count: extern "C" fn(*mut c_void, *const c_char, *mut u64) -> Status,
    setting_string: extern "C" fn(*mut c_void, *const c_char, u64, *mut Text) -> Status,
    setting_integer: extern "C" fn(*mut c_void, *const c_char, u64, *mut i64) -> Status,
    setting_boolean: extern "C" fn(*mut c_void, *const c_char, u64, *mut i32) -> Status,
    extension: extern "C" fn(*const c_char) -> *const c_void,
}
#[repr(C)]
pub struct Plugin {
    struct_size: u32,
    reserved0: u32,
    descriptor: *const Descriptor,
    backend_open: extern "C" fn(*const Host, *mut c_void, *mut *mut Backend) -> Status,
    backend_close: extern "C" fn(*mut Backend),
    scanner_open: extern "C" fn(*mut Backend, *mut c_void, *mut *mut Scanner) -> Status,
    scanner_close: extern "C" fn(*mut Scanner),
    scan: extern "C" fn(*mut Scanner, *mut c_void, *const Request, *mut Answer) -> Status,
    extension: extern "C" fn(*const c_char) -> *const c_void,
}
unsafe impl Sync for Plugin {}
// plugin_ext.h: me.signatures/1
#[repr(C)]
struct Signatures {
    struct_size: u32,
    flags: u32,
    count: u64,
    date_unix: i64,
    version: [u8; 64],
}
#[repr(C)]
struct SignaturesTable {
    struct_size: u32,
    reserved0: u32,
    describe: extern "C" fn(*mut Backend, *mut c_void, *mut Signatures) -> Status,
}

// ---- the card

const fn field<const N: usize>(text: &str) -> [u8; N] {
    let (bytes, mut out, mut i) = (text.as_bytes(), [0u8; N], 0);
    while i < bytes.len() {
        out[i] = bytes[i];
        i += 1;
    }
    out
}
const fn setting(name: &str, kind: u32, flags: u32, default_value: &str, allowed: &str, doc: &str) -> Setting {
    Setting {
        name: field(name),
        kind,
        flags,
        default_value: field(default_value),
        unit: [0; 16],
        allowed: field(allowed),
        doc: field(doc),
    }
}

const SETTINGS: usize = 4;
#[used]
#[link_section = ".note.microengine"]
static CARD: Card = Card {
    namesz: 3,
    descsz: (mem::size_of::<Descriptor>() + SETTINGS * mem::size_of::<Setting>()) as u32,
    kind: 0x4D45_0001,
    owner: *b"ME\0\0",
    descriptor: Descriptor {
        struct_size: mem::size_of::<Descriptor>() as u32,
        abi_major: 1,
        abi_minor: 0,
        min_host_minor: 0,
        setting_count: SETTINGS as u16,
        setting_size: mem::size_of::<Setting>() as u32,
        artifact_types: ARTIFACT_FILE,
        caps: CAP_PARALLEL_SCANNERS | CAP_FORK_AFTER_OPEN | CAP_DETERMINISTIC,
        needs: 0,
        reserved0: 0,
        id: field("org.microengine.test.frozen-rust"),
        version: field("1.0.0"),
        name: field("Frozen Rust"),
        vendor: field("Microengine"),
        license: field("MIT"),
        url: field(""),
        reserved1: [0; 96],
    },
    settings: [
        setting("name", SETTING_STRING, 0, "Eicar", "", "name of the signature"),
        setting("words", SETTING_STRING, SETTING_LIST, "", "", "words that are suspicious"),
        setting("confidence", SETTING_INTEGER, 0, "9000", "0..10000", "of EICAR"),
        setting("loud", SETTING_BOOLEAN, 0, "false", "", "log a line when opened"),
    ],
};

// ---- the plugin

struct Failure {
    status: Status,
    setting: Option<&'static [u8]>,
    text: &'static str,
}
pub struct Backend {
    host: &'static Host,
    name: String,
    words: Vec<String>,
    confidence: u32,
}
pub struct Scanner {
    backend: &'static Backend,
}

/// Runs the body of a function; a failure or a panic becomes a status and a sentence for the operator.
fn guard(host: &Host, call: *mut c_void, body: impl FnOnce() -> Result<(), Failure>) -> Status {
    let panicked = Failure { status: E_FAILED, setting: None, text: "it panicked" };
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return OK,
        Ok(Err(failure)) => failure,
        Err(_) => panicked,
    };
    let setting = failure.setting.map_or(ptr::null(), |name| name.as_ptr() as *const c_char);
    (host.fail)(call, setting, failure.text.as_ptr(), failure.text.len() as u64);
    failure.status
}
fn known(status: Status) -> Result<(), Failure> {
    if status == OK { Ok(()) } else { Err(Failure { status: E_FAILED, setting: None, text: "a setting has no value" }) }
}
fn string_of(text: Text) -> String {
    String::from_utf8_lossy(unsafe { slice::from_raw_parts(text.data, text.size as usize) }).into_owned()
}
fn text_of(text: &str) -> Text {
    Text { data: text.as_ptr(), size: text.len() as u64 }
}

fn read_settings(host: &'static Host, call: *mut c_void) -> Result<Backend, Failure> {
    let string = |name: &'static [u8], index: u64| {
        let mut value = text_of("");
        known((host.setting_string)(call, name.as_ptr() as *const c_char, index, &mut value)).map(|_| string_of(value))
    };
    let (mut count, mut confidence, mut loud) = (0u64, 0i64, 0i32);
    known((host.setting_count)(call, b"words\0".as_ptr() as *const c_char, &mut count))?;
    known((host.setting_integer)(call, b"confidence\0".as_ptr() as *const c_char, 0, &mut confidence))?;
    known((host.setting_boolean)(call, b"loud\0".as_ptr() as *const c_char, 0, &mut loud))?;
    let mut words = Vec::new();
    for index in 0..count {
        words.push(string(b"words\0", index)?);
    }
    let name = string(b"name\0", 0)?;
    if name == "refused" {
        return Err(Failure { status: E_SETTINGS, setting: Some(b"name\0"), text: "this name is refused" });
    }
    if name == "panic" {
        panic!("asked to panic");
    }
    if loud != 0 {
        let line = "frozen Rust was opened";
        (host.log)(call, LOG_WARN, line.as_ptr(), line.len() as u64);
    }
    Ok(Backend { host, name, words, confidence: confidence as u32 })
}

extern "C" fn backend_open(host: *const Host, call: *mut c_void, out: *mut *mut Backend) -> Status {
    let host: &'static Host = unsafe { &*host };
    guard(host, call, || {
        let backend = read_settings(host, call)?;
        unsafe { *out = Box::into_raw(Box::new(backend)) };
        Ok(())
    })
}
extern "C" fn backend_close(backend: *mut Backend) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(backend) })));
}
extern "C" fn scanner_open(backend: *mut Backend, call: *mut c_void, out: *mut *mut Scanner) -> Status {
    let backend: &'static Backend = unsafe { &*backend };
    guard(backend.host, call, || {
        unsafe { *out = Box::into_raw(Box::new(Scanner { backend })) };
        Ok(())
    })
}
extern "C" fn scanner_close(scanner: *mut Scanner) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(scanner) })));
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len().max(1)).position(|window| window == wanted)
}
fn find_eicar(bytes: &[u8]) -> Option<usize> {
    let (first, second) = (b"EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE");
    let size = first.len() + second.len();
    bytes.windows(size).position(|window| window.starts_with(first) && window.ends_with(second))
}
fn report(backend: &Backend, call: *mut c_void, verdict: i32, name: &str, family: &str, offset: usize, out: &mut Answer) {
    let tags = [text_of("test"), text_of("harmless")];
    let eicar = verdict == MALICIOUS;
    let found = Detection {
        struct_size: mem::size_of::<Detection>() as u32,
        verdict,
        confidence: if eicar { backend.confidence } else { CONFIDENCE_UNSET },
        flags: 0,
        name: text_of(name),
        family: text_of(family),
        name_space: text_of("frozen"),
        tags: tags.as_ptr(),
        tag_count: if eicar { tags.len() as u64 } else { 0 },
        offset: offset as u64,
        length: 0,
        detail: text_of("{\"frozen\":true}"),
    };
    out.verdict = out.verdict.max(verdict);
    out.confidence = found.confidence;
    (backend.host.add_detection)(call, &found);
}

extern "C" fn scan(scanner: *mut Scanner, call: *mut c_void, request: *const Request, out: *mut Answer) -> Status {
    let backend = unsafe { &*scanner }.backend;
    guard(backend.host, call, || {
        let (request, out) = unsafe { (&*request, &mut *out) };
        let bytes = unsafe { slice::from_raw_parts(request.data, request.size as usize) };
        if bytes == b"throw" {
            panic!("asked to panic");
        }
        if bytes == b"not mine" {
            return Err(Failure { status: E_UNSUPPORTED, setting: None, text: "not my kind of artifact" });
        }
        if bytes == b"half of it" {
            out.flags = 0x1 | 1 << 8; // partial, because encrypted
        }
        out.verdict = BENIGN;
        out.bytes_scanned = request.size;
        while bytes == b"wait" {
            let stop = (backend.host.should_stop)(call);
            if stop != OK {
                return Err(Failure { status: stop, setting: None, text: "told to stop" });
            }
        }
        if let Some(at) = find_eicar(bytes) {
            report(backend, call, MALICIOUS, &backend.name, "Eicar", at, out);
            return Ok(());
        }
        for word in &backend.words {
            if let Some(at) = find(bytes, word.as_bytes()) {
                report(backend, call, SUSPICIOUS, &format!("Word.{}", word), "Word", at, out);
            }
        }
        Ok(())
    })
}

extern "C" fn describe(backend: *mut Backend, call: *mut c_void, out: *mut Signatures) -> Status {
    let backend = unsafe { &*backend };
    guard(backend.host, call, || {
        let out = unsafe { &mut *out };
        out.count = 1 + backend.words.len() as u64;
        out.date_unix = 1767225600;
        out.version = field("frozen-1");
        Ok(())
    })
}
static SIGNATURES: SignaturesTable =
    SignaturesTable { struct_size: mem::size_of::<SignaturesTable>() as u32, reserved0: 0, describe };
extern "C" fn extension(id: *const c_char) -> *const c_void {
    catch_unwind(|| {
        let wanted = unsafe { CStr::from_ptr(id) }.to_bytes() == b"me.signatures/1";
        if wanted { &SIGNATURES as *const SignaturesTable as *const c_void } else { ptr::null() }
    })
    .unwrap_or(ptr::null())
}

static TABLE: Plugin = Plugin {
    struct_size: mem::size_of::<Plugin>() as u32,
    reserved0: 0,
    descriptor: &CARD.descriptor,
    backend_open,
    backend_close,
    scanner_open,
    scanner_close,
    scan,
    extension,
};
#[no_mangle]
pub extern "C" fn me_plugin_entry_v1() -> *const Plugin {
    &TABLE
}
