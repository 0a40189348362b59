"""What no limited config may call whatever its list says, what each may, and which parts of packages are for it.

The names are those that objects have themselves, not those under which they are found: `logging.os.system` is
`posix.system`.
"""

from collections.abc import Iterable, Iterator, Mapping

# Allowed without being listed: a run is made of them.
ALWAYS = ("lighter", "lightning", "lightning_fabric", "pytorch_lightning", "torchmetrics")

# What it does, and the beginnings of the names of what does it.
_REFUSED = {
    "runs commands or starts processes": """
        os posix nt subprocess _posixsubprocess _winapi pty signal sched asyncio multiprocessing _multiprocessing
        concurrent threading _thread torch.multiprocessing torch.distributed.elastic torch.distributed.launch
        torch.distributed.launcher torch.distributed.run torch.distributed.rpc torch.utils.collect_env lightning.app
        pytorch_lightning.strategies.launchers lightning.pytorch.strategies.launchers
        lightning_fabric.strategies.launchers lightning.fabric.strategies.launchers monai.utils.misc.run_cmd
        monai.auto3dseg monai.apps.auto3dseg monai.apps.nnunet
    """,
    "runs code that it is given": """
        builtins.eval builtins.exec builtins.compile builtins.breakpoint builtins.input code codeop pdb bdb cProfile
        profile timeit trace doctest unittest idlelib turtle IPython numexpr PIL.ImageMath numpy.testing numpy.f2py
        numpy.distutils setuptools distutils pip ensurepip venv pandas.eval pandas.core.computation monai.utils.safeeval
        torch.fx torch.package torch.utils.benchmark torch.utils.bottleneck torch.utils.bundled_inputs
        torch.cuda.jiterator torch._inductor torch.testing torch.utils.data.datapipes
    """,
    "loads code": """
        builtins.__import__ importlib _frozen_importlib _frozen_importlib_external _imp imp runpy pkgutil pydoc
        zipimport modulefinder ctypes _ctypes cffi numpy.ctypeslib torch.utils.cpp_extension torch.utils.model_zoo
        torch.hub torch.ops torch._ops torch.classes torch._classes torch.jit._serialization torch.jit.CompilationUnit
        torch.import_ir_module torch.import_ir_module_from_buffer torch.library torch.export
        torch.cuda.memory.CUDAPluggableAllocator torch.nn.attention._fa3 torch.nn.attention._fa4
        torch.nn.utils._deprecation_utils monai.utils.module.get_package_version monai.utils.module.instantiate
        monai.utils.module.load_submodules monai.utils.module.optional_import lightning_fabric.plugins.precision.utils
        lightning.fabric.plugins.precision.utils lightning_fabric.accelerators.registry
        lightning.fabric.accelerators.registry
    """,
    "builds what other texts name": """
        lighter.config lighter.runs.runner lighter.cli lighter.utils lighter.project lighter.plugins monai.bundle
        monai.fl monai.apps.mmars hydra omegaconf jsonargparse fire fiddle yaml pytorch_lightning.cli
        lightning.pytorch.cli lightning_fabric.cli lightning.fabric.cli
    """,
    "reads pickled objects, which bring code": """
        pickle _pickle pickletools copyreg shelve marshal dill cloudpickle joblib pandas.read_pickle pandas.io.pickle
        numpy.lib.format torch.storage torch.serialization torch.distributed.checkpoint torch.utils.show_pickle
        torch.utils.model_dump monai.data.utils.pickle_operations monai.data.torchscript_utils
        pytorch_lightning.core.saving pytorch_lightning.utilities.deepspeed pytorch_lightning.utilities.migration
        lightning.pytorch.core.saving lightning.pytorch.utilities.deepspeed lightning.pytorch.utilities.migration
        lightning_fabric.utilities.cloud_io lightning_fabric.utilities.load lightning.fabric.utilities.cloud_io
        lightning.fabric.utilities.load
    """,
    "reaches into the running program": """
        sys gc inspect types site atexit faulthandler traceback weakref _weakref builtins.getattr builtins.setattr
        builtins.delattr builtins.hasattr builtins.vars builtins.globals builtins.locals builtins.dir builtins.type
        builtins.super operator.attrgetter operator.methodcaller operator.call _operator
    """,
    "opens or changes files": """
        io _io builtins.open shutil tempfile fileinput linecache tarfile zipfile gzip bz2 lzma mmap dbm sqlite3 _sqlite3
        logging fsspec torch.onnx torch.PyTorchFileReader torch.PyTorchFileWriter torch.ScriptModuleSerializer
        numpy.memmap numpy.lib.npyio.DataSource numpy.lib._datasource monai.utils.misc.save_obj monai.utils.state_cacher
        monai.networks.trt_compiler monai.data.csv_saver monai.handlers.utils.write_metrics_reports
        monai.networks.utils.convert_to_onnx monai.networks.utils.convert_to_torchscript
        monai.networks.utils.convert_to_trt torchvision.datasets.utils torchvision.io.image.write_file
    """,
    "opens connections": """
        socket _socket ssl _ssl select selectors urllib urllib3 http ftplib smtplib poplib imaplib nntplib telnetlib
        xmlrpc socketserver webbrowser antigravity requests aiohttp httpx monai.apps.utils monai.apps.tcia
    """,
}
# The same of functions and methods of these last names, of whatever package.
_REFUSED_LAST = {
    "loads code": "load_library",
    "opens or changes files": """
        chmod dump dump_stats export export_chrome_trace export_memory_timeline export_stacks extractall from_file
        hardlink_to memmap mkdir open remove_checkpoint rmdir save save_checkpoint save_pretrained savetxt savez
        savez_compressed symlink_to to_csv to_onnx to_pickle to_torchscript to_yaml tofile touch unlink write
        write_bytes write_file write_text
    """,
}

# By full or last name: these load with pickle, unless they are given `weights_only=True`.
TOLD_WEIGHTS_ONLY = ("torch.serialization.load", "load_checkpoint", "load_from_checkpoint")

# What no call may be given, whoever is called.
FLAGS: Mapping[str, tuple[object, ...]] = {
    "allow_pickle": (True,),
    "shell": (True,),
    "trust_remote_code": (True,),
    "trust_repo": (True, "check"),
    "weights_only": (False,),
}

# What can do no harm by itself: types with their methods, modules with all that is in them, and single functions.
_TYPES = """
    builtins.bool builtins.bytes builtins.complex builtins.dict builtins.float builtins.frozenset builtins.int
    builtins.list builtins.range builtins.set builtins.slice builtins.str builtins.tuple collections.Counter
    collections.OrderedDict collections.defaultdict collections.deque datetime.date datetime.datetime datetime.time
    datetime.timedelta datetime.timezone
"""
_MODULES = "cmath math"
_SINGLE = """
    builtins.abs builtins.all builtins.any builtins.ascii builtins.bin builtins.callable builtins.chr builtins.divmod
    builtins.enumerate builtins.filter builtins.hash builtins.hex builtins.id builtins.isinstance builtins.issubclass
    builtins.iter builtins.len builtins.map builtins.max builtins.min builtins.next builtins.oct builtins.ord
    builtins.pow builtins.print builtins.repr builtins.reversed builtins.round builtins.sorted builtins.sum builtins.zip
    posixpath.abspath posixpath.basename posixpath.commonpath posixpath.dirname posixpath.isabs posixpath.join
    posixpath.normpath posixpath.relpath posixpath.split posixpath.splitext ntpath.abspath ntpath.basename
    ntpath.commonpath ntpath.dirname ntpath.isabs ntpath.join ntpath.normpath ntpath.relpath ntpath.split
    ntpath.splitext genericpath.exists genericpath.getsize genericpath.isdir genericpath.isfile nt._path_exists
    nt._path_isdir nt._path_isfile glob.escape glob.glob glob.iglob functools.partial operator.itemgetter pathlib.Path
    pathlib.PosixPath pathlib.PurePath pathlib.WindowsPath pathlib._local.Path pathlib._local.PosixPath
    pathlib._local.PurePath pathlib._local.WindowsPath
"""
# Modules that may be gone through, to these parts of them alone.
PASSAGES: Mapping[str, tuple[str, ...]] = {"os": ("path",)}
# But for these: `'{0.a.b}'.format(x)` reads attributes, the others fill the memory.
_HARMFUL = """
    builtins.bytes.expandtabs builtins.str.expandtabs builtins.str.format builtins.str.format_map
    builtins.str.translate collections.Counter.elements
"""

# In a module that is refused, and yet harmless enough for a list to name it: it reads the environment's variables.
_ONLY_BY_NAME = frozenset({"lighter.config.variables.env"})

# Of these packages the parts that configs are made of; any other part must be listed itself.
_LIGHTNING = """
    accelerators callbacks core demos.boring_classes loggers loops overrides plugins profilers strategies trainer tuner
    utilities.combined_loader utilities.enums utilities.grads utilities.memory utilities.model_summary
    utilities.rank_zero utilities.seed
"""
_FABRIC = """
    accelerators fabric loggers plugins strategies utilities.enums utilities.rank_zero utilities.seed utilities.spike
    utilities.throughput wrappers
"""
_PARTS = {
    "lighter": "callbacks training",
    "lightning.fabric": _FABRIC,
    "lightning.pytorch": _LIGHTNING,
    "lightning_fabric": _FABRIC,
    "monai": """
        apps.datasets apps.deepedit apps.deepgrow apps.detection apps.generation apps.nuclick apps.pathology
        apps.reconstruction apps.vista3d config.type_definitions data engines handlers inferers losses metrics networks
        optimizers transforms utils.enums utils.misc utils.module.look_up_option utils.module.pytorch_after
        utils.module.version_geq utils.module.version_leq utils.nvtx utils.ordering utils.type_conversion visualize
    """,
    "pytorch_lightning": _LIGHTNING,
    "torch": """
        BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor Event FloatTensor HalfTensor IntTensor LongTensor
        Size Stream SymBool SymFloat SymInt Tensor compile cond device dtype finfo iinfo layout memory_format qscheme
        typename are_deterministic_algorithms_enabled get_default_device get_default_dtype get_num_threads
        is_grad_enabled is_inference_mode_enabled is_storage is_tensor set_default_device set_default_dtype
        set_default_tensor_type set_deterministic_debug_mode set_float32_matmul_precision set_num_threads
        use_deterministic_algorithms _C.Generator _C.TensorBase _C._fft _C._linalg _C._nested _C._nn _C._sparse
        _C._SDPBackend _C._profiler _C._special _VariableFunctionsClass _dynamo.eval_frame.OptimizedModule _jit_internal
        _linalg_utils _lobpcg _lowrank _tensor _tensor_str accelerator amp ao.quantization autograd backends.cuda
        backends.cudnn backends.mkldnn backends.mps cpu cuda.amp cuda.current_device cuda.device cuda.device_count
        cuda.empty_cache cuda.get_device_capability cuda.get_device_name cuda.get_device_properties cuda.is_available
        cuda.is_bf16_supported cuda.manual_seed cuda.manual_seed_all cuda.random cuda.set_device cuda.streams
        distributed.algorithms distributed.device_mesh distributed.fsdp distributed.fsdp._fully_shard._fully_shard
        distributed.tensor distributed.is_available distributed.distributed_c10d.barrier
        distributed.distributed_c10d.get_rank distributed.distributed_c10d.get_world_size
        distributed.distributed_c10d.is_initialized distributions func functional masked mps.is_available nested nn
        optim profiler quantization random return_types signal sparse utils.checkpoint utils.data
        utils.data._utils.collate utils.data._utils.worker
    """,
}


def reason_against(name: str) -> str:
    """What the thing of this name does that no limited config may do; empty where nothing is held against it."""
    if name in _KNOWN or name in _ONLY_BY_NAME:
        return ""
    for beginning in _beginnings(name):
        if beginning in _AGAINST:
            return _AGAINST[beginning]
    return _AGAINST_LAST.get(name.rpartition(".")[2], "") if "." in name else ""


def is_harmless(name: str) -> bool:
    """Whether the thing of this name may be had whatever the list says."""
    return name in _KNOWN or (name not in _HARMLESS_BUT and not _WHOLE.isdisjoint(_beginnings(name)))


def leads_to_harmless(name: str) -> bool:
    """Whether the module of this name holds something that may always be had."""
    return name in _ON_THE_WAY


def is_passage(name: str) -> bool:
    """Whether a name as it is written leads through a module of which but a part may be had, or to that part."""
    return name in PASSAGES or any(name == p or name.startswith(f"{p}.") for p in _PASSED)


def is_left_out(name: str) -> bool:
    """Whether the thing of this name is in a known package, yet not for configs: of another part, or a private one."""
    beginnings = list(_beginnings(name))
    if name in _KNOWN_PACKAGES or _KNOWN_PACKAGES.isdisjoint(beginnings):
        return False
    part = max((beginning for beginning in beginnings if beginning in _FOR_CONFIGS), key=len, default=None)
    return part is None or "._" in name[len(part) :].partition(".<locals>")[0].rpartition(".")[0]


def _beginnings(name: str) -> Iterator[str]:
    """`a`, `a.b`, `a.b.c`."""
    at = name.find(".")
    while at >= 0:
        yield name[:at]
        at = name.find(".", at + 1)
    yield name


def _by_name(table: Mapping[str, str]) -> dict[str, str]:
    return {name: why for why, names in table.items() for name in names.split()}


def _parents(names: Iterable[str]) -> set[str]:
    return {beginning for name in names for beginning in _beginnings(name) if beginning != name}


_AGAINST, _AGAINST_LAST = _by_name(_REFUSED), _by_name(_REFUSED_LAST)
_WHOLE = {*_TYPES.split(), *_MODULES.split()}
_KNOWN = _WHOLE.union(_SINGLE.split())
_HARMLESS_BUT = set(_HARMFUL.split())
_ON_THE_WAY = _parents(_KNOWN)
_PASSED = tuple(f"{module}.{part}" for module, parts in PASSAGES.items() for part in parts)
_KNOWN_PACKAGES = set(_PARTS)
_FOR_CONFIGS = {f"{package}.{part}" for package, parts in _PARTS.items() for part in parts.split()}
