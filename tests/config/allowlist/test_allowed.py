"""What a limited config may not do: each attempt, let through, would run code, touch files, hang or fill the memory."""

import json
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lighter import Config, ConfigError, RunError
from lighter.project.importable import unload

ALLOW = ("torch", "monai", "numpy", "sklearn", "my_project")
TOUCH = "touch done"

DOORS = f"""
import builtins
import functools
import os
import pickle
import subprocess
from functools import partial
from os import system
from os import system as harmless
from torch import load

run = subprocess.run
bound = partial(os.system, {TOUCH!r})
cached = functools.lru_cache(os.system)
wrapped = functools.wraps(os.system)(lambda command: os.system(command))
commands = {{"system": os.system}}
pair = (os.system, 1)


class Door:
    leave = staticmethod(os.system)
    module = os

    def __init__(self):
        self.system = os.system
        self.tools = {{"deep": [os.system]}}

    @property
    def command(self):
        return os.system


door = Door()


def give(name="system"):
    return getattr(os, name)


def give_module():
    return os


def caller(function, *args):
    return function(*args)
"""


class Payload:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (TOUCH,)


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a project, a module that acts when it is imported, and files that act when they are unpickled."""
    folder, before = tmp_path_factory.mktemp("limited"), Path.cwd()
    for name, text in (("my_project/doors.py", DOORS), ("evil.py", f"import os\nos.system('{TOUCH}')\n")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    torch.save({"a": Payload()}, folder / "payload.pt")
    torch.save(["/etc/passwd"], folder / "paths.pt")
    for name, image in (("list", "/etc/passwd"), ("above", "../../etc/passwd")):
        (folder / f"{name}.json").write_text(json.dumps({"training": [{"image": image}]}), encoding="utf-8")
    np.save(folder / "payload.npy", np.array([Payload()], dtype=object), allow_pickle=True)
    (folder / "payload.pkl").write_bytes(pickle.dumps(Payload()))
    (folder / "out").symlink_to("/etc")
    os.mkfifo(folder / "endless.pt")
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    yield folder
    os.chdir(before)
    sys.path.remove(str(folder))
    unload()


def call(target: str, /, *args: object, **kwargs: object) -> dict[str, object]:
    return {"_target_": target, **({"_args_": list(args)} if args else {}), **kwargs}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def calls(text: str) -> list[object]:
    """A call of each name, with an argument that would do harm."""
    return [call(name, TOUCH) for name in text.split()]


LOAD, LOADER, TRAINER = "torch.load", "monai.transforms.LoadImage", "lightning.pytorch.Trainer"
LIST = "monai.data.load_decathlon_datalist"
PATHS = call(LOAD, "paths.pt", weights_only=True)
ATTEMPTS: dict[str, list[object]] = {
    "commands and processes": calls("""
            os.system os.popen os.spawnlp posix.system subprocess.run subprocess.Popen subprocess.check_output
            pty.spawn multiprocessing.Process threading.Thread asyncio.create_subprocess_shell
            torch.multiprocessing.spawn torch.utils.collect_env.run monai.utils.misc.run_cmd
            torch.distributed.run.main torch.distributed.elastic.x monai.apps.auto3dseg.AutoRunner
            monai.apps.nnunet.nnUNetV2Runner numpy.distutils.exec_command.exec_command
            concurrent.futures.ProcessPoolExecutor sched.scheduler signal.signal torch.utils.cpp_extension.load
            torch._inductor.cpp_builder.CppBuilder torch._inductor.config.cpp.cxx torch.compile torch._dynamo.optimize
        """),
    "code from text": calls("""
            builtins.eval builtins.exec builtins.compile eval exec compile builtins.breakpoint builtins.input
            builtins.help timeit.timeit runpy.run_path code.InteractiveConsole numpy.testing.runstring numpy.test
            numpy.f2py.compile torch.utils.benchmark.Timer torch.utils.cpp_extension.load_inline
            monai.utils.safeeval.safe_eval cProfile.run doctest.run_docstring torch.fx.GraphModule
            torch.jit.CompilationUnit torch.cuda.jiterator._create_jit_fn
            torch.testing._internal.common_utils.run_tests unittest.main torch.export.export pandas.eval
            numexpr.evaluate torch.fx.experimental.unify_refinements.x sympy.sympify sklearn.utils._testing.raises
            sklearn.show_versions
        """),
    "handed on as it is": [
        call("torch.utils.data.DataLoader", [1], collate_fn="$np.load"),
        call("monai.transforms.Compose", ["$np.load"], map_items=False, unpack_items=True),
        call("lighter.System", call("torch.nn.Identity"), criterion="$np.load"),
        call("monai.transforms.Lambda", "$monai.transforms.LoadImage"),
    ],
    "names with characters by their numbers": [
        call("pytorch_lightning.callbacks.ModelCheckpoint", filename=name)
        for name in ("{step:c}tmp", "{epoch:1c}", "{a}{step:{epoch}}", "{step:>9999}", "{step:.9999f}", "{step!r:c}")
    ],
    "modules": [
        *calls("""
            builtins.__import__ importlib.import_module evil.anything http.server.HTTPServer torch.hub.load
            ctypes.CDLL torch.ops.load_library torch.classes.load_library numpy.ctypeslib.load_library
            monai.utils.optional_import torch.cuda.memory.CUDAPluggableAllocator monai.utils.module.instantiate
            monai.utils.module.load_submodules lighter.utils.dynamic_imports.import_module_from_path
            lighter.project.locating.locate torch.__main__.x pkgutil.resolve_name
            torch._jit_internal.get_annotation_str torch._utils_internal.resource_string monai.bundle.__main__.x
            numpy.f2py.__main__.x torch._utils._import_dotted_name this.s torch.package.PackageImporter
            torch.utils.model_zoo.load_url lightning_utilities.core.imports.x monai.networks.nets.NetAdapter
            torch.onnx._internal.exporter.x torch.distributed.rpc.init_rpc pytorch_lightning.utilities.model_helpers.x
            torch.utils._import_utils.x torch.library.register_fake torchmetrics.utilities.imports.RequirementCache
            torch._dynamo.external_utils.getattr_from_fqn
        """),
        *[call("evil.x", allow_pickle=True), call("evil.x", p="/etc"), {"_target_": "evil.x", "_mode_": "debug"}],
        *["$import evil", "$from evil import x", "$import sys", "$from os import system", "$import importlib as i"],
        *["$import torch.hub", "$import torch.utils.benchmark", "$from torch import hub", "$import numpy.testing as t"],
        *["$import my_other", "$from torch.nn import functional as F, modules", "$from lighter import Config"],
        *["$import this", "$import antigravity", "$import pytorch_lightning.cli", "$from math import factorial"],
    ],
    "configs in configs": calls("""
            lighter.Config lighter.Runner lighter.config.Config lighter.runs.runner.Runner lighter.export lighter.load
            monai.bundle.run monai.bundle.ConfigParser monai.bundle.load pytorch_lightning.cli.LightningCLI fire.Fire
            hydra.utils.instantiate jsonargparse.CLI omegaconf.OmegaConf.create yaml.unsafe_load lighter.register
            lighter.cli.main lighter.plugins.PluginSystem monai.fl.client.MonaiAlgo monai.bundle.ConfigWorkflow
        """),
    "pickles": [
        *calls("""
            pickle.loads pickle.load shelve.open marshal.loads joblib.load dill.loads torch.load pandas.read_pickle
            numpy.lib.format.read_array torch.serialization.load torch.jit.load torch.storage._load_from_bytes
            lightning_fabric.utilities.cloud_io._load pytorch_lightning.LightningModule.load_from_checkpoint
            torch.distributed.checkpoint.load monai.data.utils.pickle_operations monai.data.PersistentDataset
            monai.data.CacheNTransDataset monai.data.LMDBDataset sklearn.datasets.fetch_openml
            sklearn.datasets.load_files monai.apps.datasets.DecathlonDataset monai.data.GDSDataset
            monai.handlers.CheckpointLoader torch.utils.show_pickle.main torch.utils.data.datapipes.iter.FileOpener
            torch.utils.data.IterDataPipe
        """),
        *[call(LOAD, "payload.pt", weights_only=flag) for flag in (False, None, 0, 1, 2, "true", "yes", [True], 1.0)],
        *[
            call(LOAD, "payload.pt", weights_only=flag)
            for flag in ("$1 == 2", "$2", "$None", "$not 1", "@none", "@one")
        ],
        *[call(LOAD, "payload.pt", None, weights_only=True, pickle_module="@given"), call(LOAD, _mode_="callable")],
        *[call(LOAD, "payload.pt", None, "x", weights_only=True), call("my_project.doors.load", "payload.pt")],
        *[
            call("numpy.load", "payload.npy", allow_pickle=flag)
            for flag in (True, 1, 2, "x", None, [False], "$2", "@one")
        ],
        *[call("numpy.load", "payload.npy", None, True), call("numpy.load", "payload.npy", "r+", False)],
        *[call("numpy.load", "payload.npy", mmap_mode="r+"), call("numpy.load", "x", max_header_size=10**9)],
        *[call("monai.data.NumpyReader", allow_pickle=True), call(LOADER, allow_pickle=True)],
        *[call("lighter.load_weights", "@layer", "payload.pt", weights_only=False), call("builtins.dict", shell=True)],
        *[{"x": [{"reader": {"allow_pickle": 2}}]}, {"y": {"trust_remote_code": True}}, {"z": {"trust_repo": "check"}}],
        *[{"weights_only": value} for value in (False, 0, None, "no")],
        *[call(LOADER, max_header_size=10**9), call("monai.data.NumpyReader", max_header_size=10**9)],
    ],
    "a name, a path of code or a callable": [
        *[
            call(LOADER, reader=name)
            for name in ("os.system", "evil.x", "CSVSaver", "my_project.doors.run", "numpyreader")
        ],
        *[call(LOADER, reader="os.system", command=TOUCH), call(LOADER, reader=["NibabelReader", "os.system"])],
        *[call("monai.transforms.LoadImaged", keys=["a"], reader="subprocess.Popen", args=["touch", "done"])],
        *[call(LOADER, reader="PydicomReader", fname_regex="(a+)+$")],
        *[call("pytorch_lightning.Trainer", model_registry="me/mine"), call(TRAINER, model_registry="me/mine")],
        *[
            call("pytorch_lightning.Trainer", strategy=name)
            for name in ("deepspeed", "deepspeed_stage_3_offload", "bagua", "colossalai", "evil.x")
        ],
        *[call(TRAINER, strategy="deepspeed"), call(TRAINER, profiler="xla"), call(TRAINER, accelerator="hpu")],
        *[call(TRAINER, plugins="evil.x"), call(TRAINER, plugins=["evil.x"]), call(TRAINER, profiler="evil.x")],
        *[call("pytorch_lightning.strategies.DDPStrategy", process_group_backend="evil")],
        *[call("pytorch_lightning.strategies.FSDPStrategy", process_group_backend="mpi")],
        *[call(LOADER, prune_meta_pattern="(a+)+$"), call(LOADER, reader="@given"), call(LOADER, "os.system")],
        *calls("""
            monai.transforms.TorchVision monai.transforms.RandTorchVisiond monai.transforms.TorchIO
            monai.transforms.CuCIM monai.transforms.IntensityStats monai.transforms.ForegroundMask
            monai.transforms.SaveImage monai.transforms.SaveImaged monai.transforms.WriteFileMapping
            monai.transforms.ImageFilter monai.transforms.SaveClassificationd monai.transforms.adaptor
            monai.transforms.apply_transform monai.losses.PerceptualLoss monai.networks.nets.TorchVisionFCModel
            monai.networks.nets.Transchex monai.networks.nets.MILModel monai.networks.nets.HoVerNet
            monai.inferers.PatchInferer monai.inferers.SaliencyInferer monai.inferers.ZarrAvgMerger
            monai.inferers.WSISlidingWindowSplitter monai.metrics.MetricsReloadedBinary monai.data.ImageDataset
            monai.data.CSVDataset monai.data.DatasetSummary monai.data.PatchWSIDataset monai.data.NPZDictItemDataset
            monai.networks.utils.convert_to_onnx torchmetrics.text.BERTScore torchmetrics.multimodal.CLIPScore
            torchmetrics.image.fid.FrechetInceptionDistance torchmetrics.image.LearnedPerceptualImagePatchSimilarity
            torchmetrics.text.ROUGEScore torchmetrics.functional.accuracy
            torchmetrics.audio.pesq.PerceptualEvaluationSpeechQuality pytorch_lightning.callbacks.ModelPruning
            pytorch_lightning.callbacks.BackboneFinetuning pytorch_lightning.callbacks.OnExceptionCheckpoint
            pytorch_lightning.loggers.WandbLogger pytorch_lightning.loggers.MLFlowLogger
            pytorch_lightning.profilers.PyTorchProfiler pytorch_lightning.strategies.DeepSpeedStrategy
            pytorch_lightning.seed_everything torch.nn.utils.parametrize.register_parametrization
            torch.nn.utils.stateless.functional_call torch.optim.swa_utils.AveragedModel
            torch.profiler.ExecutionTraceObserver torch.profiler.profile torch.set_default_device torch.manual_seed
            torch.func.vmap torch.vmap torch.utils.checkpoint.checkpoint torch.utils.data.get_worker_info
            torch.autograd.Function.apply torch.utils.hooks.x torch.overrides.x
            torch.nn.modules.module.register_module_forward_hook torch.nn.Module.register_forward_hook
            sklearn.utils.deprecated sklearn.pipeline.make_pipeline
        """),
        *[
            call("monai.networks.nets.EfficientNetBN", "efficientnet-b0"),
            call("monai.networks.nets.resnet18", pretrained="x"),
        ],
        *[
            call("monai.networks.nets.DenseNet121", 2, 1, 1, pretrained=True),
            call("monai.networks.nets.SENet154", pretrained=1),
        ],
        *[
            call("torchmetrics.SacreBLEUScore", tokenize="flores200"),
            call("monai.data.PydicomReader", fname_regex="(a+)+"),
        ],
        *[
            call("torch.utils.data.DataLoader", [1], collate_fn="@given"),
            call("monai.transforms.Lambda", func="@given"),
        ],
        *[
            call("torch.optim.lr_scheduler.LambdaLR", "@optimizer", "@given"),
            call("torchmetrics.MeanMetric", dist_sync_fn="@given"),
        ],
        *[call("monai.transforms.Compose", [["@given"]]), call("torch.nn.Sequential", "@layer", x={"y": ("@given",)})],
        *[call("torch.utils.data.DataLoader", [1], worker_init_fn=call("my_project.doors.give"))],
        *[call("my_project.doors.caller", "@given", TOUCH), call("monai.transforms.Compose", ["@module"])],
        *[call("pytorch_lightning.callbacks.LambdaCallback", on_fit_start="@given"), call("builtins.dict", f="@given")],
    ],
    "files": [
        *calls("""
            builtins.open open io.open pathlib.Path pathlib.Path.write_text shutil.rmtree os.remove os.makedirs
            numpy.savetxt numpy.save numpy.savez numpy.memmap numpy.fromfile numpy.genfromtxt numpy.loadtxt
            numpy.ndarray.tofile numpy.DataSource numpy.lib.format.open_memmap numpy.recfromtxt
            numpy.lib.npyio.zipfile_factory torch.save torch.from_file torch.UntypedStorage.from_file
            torch.PyTorchFileWriter torch.PyTorchFileReader torch.serialization.save torch.onnx.export torch.jit.save
            torch.utils.tensorboard.SummaryWriter
            lightning_fabric.plugins.io.torch_io.TorchCheckpointIO.remove_checkpoint logging.FileHandler
            tempfile.mkdtemp lighter.runs.whole_files.write_whole monai.data.CSVSaver monai.data.NibabelWriter
            monai.utils.misc.save_obj monai.data.FolderLayout monai.utils.StateCacher torch.cuda.memory._dump_snapshot
            torch._C._cuda_memorySnapshot sklearn.datasets.dump_svmlight_file sklearn.datasets.get_data_home
            sklearn.datasets.clear_data_home sqlite3.connect zipfile.ZipFile tarfile.open gzip.open glob.glob
            os.listdir torch.hub.set_dir
        """),
        *[
            "/etc/passwd",
            "~/.ssh/id_rsa",
            "../x",
            "a/../../x",
            "..",
            "file:///etc/passwd",
            "s3://bucket/x",
            "out/passwd",
        ],
        *["out", "/", "~", "http://x/y", "$'/' + 'etc'", "$f'{\"/\"}etc/{1}'", "$['..']", "$'.' + './x'"],
        *["$'%s' if 0 else '/etc/passwd'", "${'a': ('/etc',)}", "$'file:' + '//x'", "$str('~/x')"],
        *[
            call("lighter.callbacks.TableWriter", path=path)
            for path in ("/tmp/x.csv", "../x.csv", "~/x.csv", "a/../../b.csv")
        ],
        *[
            call("lighter.callbacks.FileWriter", path="../x"),
            call("lighter.callbacks.FileWriter", suffix="/../../x.pt"),
        ],
        *[call("pytorch_lightning.callbacks.ModelCheckpoint", dirpath=path) for path in (".", "checkpoints", "/tmp")],
        *[
            call("pytorch_lightning.callbacks.ModelCheckpoint", filename=name)
            for name in ("../x", "/x", "{epoch:99999d}")
        ],
        *[
            call("pytorch_lightning.callbacks.ModelCheckpoint", "."),
            call("pytorch_lightning.Trainer", default_root_dir="."),
        ],
        *[
            call("lightning.pytorch.callbacks.ModelCheckpoint", dirpath="."),
            call("lightning.pytorch.Trainer", default_root_dir="x"),
        ],
        *[
            call("pytorch_lightning.loggers.CSVLogger", save_dir=".", name="x"),
            call("pytorch_lightning.loggers.CSVLogger", "."),
        ],
        *[
            call("pytorch_lightning.loggers.CSVLogger", name="../x"),
            call("pytorch_lightning.loggers.CSVLogger", version="/x"),
        ],
        *[
            call("pytorch_lightning.loggers.TensorBoardLogger", save_dir="x"),
            call("pytorch_lightning.loggers.TensorBoardLogger", sub_dir=".."),
        ],
        *[call(LOAD, "/etc/passwd", weights_only=True), call("lighter.load_weights", "@layer", "../x.pt")],
        *["$torch.load('/etc/x.pt', weights_only=True)", "$torch.load(f='../x.pt', weights_only=True).shape"],
        *["$len(np.load('/etc' + '/x.npy'))", "$[np.load(f'~/{1}.npy')]", call(LOADER, mmap="r+", mmap_mode="w+")],
        {"run": {"dir": "/tmp/x"}},
        {"args": {"fit": {"ckpt_path": "registry:owner/model"}}},
        *["/" + "a/" * 10**6, "../" * 10**6],
        *["endless.pt", call(LOAD, "endless.pt", weights_only=True), "$np.load('endless.pt')"],
        *[call(LIST, "list.json"), call(LIST, "above.json"), call(LIST, "list.json", base_dir=".."), PATHS],
        *[call("monai.data.Dataset", PATHS, call(LOADER)), call("lighter.load_weights", "@layer", PATHS)],
    ],
    "connections": calls("""
            socket.create_connection urllib.request.urlopen webbrowser.open monai.apps.utils.download_url requests.get
            http.client.HTTPConnection smtplib.SMTP torch.hub.download_url_to_file
            torch.distributed.init_process_group torch.distributed.TCPStore monai.apps.tcia.utils.x
            sklearn.datasets.fetch_california_housing wandb.init
        """),
    "the inside of the program": [
        *calls("""
            builtins.getattr builtins.setattr builtins.vars builtins.globals builtins.type builtins.super
            builtins.object operator.attrgetter operator.methodcaller sys.exit gc.get_objects inspect.getsource
            types.FunctionType torch.nn.Linear.__init__.__globals__.get torch.__builtins__.get torch.nn.Linear.mro
            weakref.ref torch.nn.Linear.__subclasses__ torch.Tensor.__reduce_ex__
            my_project.doors.give.__globals__.get my_project.doors.Door.__init__.__globals__.get
            my_project.doors.give.__code__.replace torch.utils.data._utils.x functools.partial functools.reduce
            itertools.starmap builtins.map builtins.filter builtins.sorted builtins.iter atexit.register
            contextlib.ExitStack copyreg.pickle collections.namedtuple dataclasses.make_dataclass
        """),
        call("builtins.dict", part="batch::__class__::__init__::__globals__::os::system"),
        call("lighter.BatchAdapter", input="pred::gi_frame::f_back::f_builtins::exec"),
        call("builtins.dict", _mode_="debug"),
    ],
    "other names for the same": [
        *calls("""
            logging.os.system torch.os.system torch.serialization.os.system torch.utils.data.dataloader.os.system
            monai.config.deviceconfig.os.system monai.utils.misc.subprocess.run numpy.f2py.os.system
            pytorch_lightning.trainer.trainer.os.system os.path.os.system glob.os.system torch.nn.os.system
            my_project.doors.system my_project.doors.harmless my_project.doors.run my_project.doors.builtins.open
            my_project.doors.pickle.loads my_project.doors.bound my_project.doors.cached my_project.doors.wrapped
            my_project.doors.Door.leave my_project.doors.door.system my_project.doors.commands.get
            project.doors.system my_project.doors.os.system my_project.doors.door.command
            my_project.doors.functools.partial lighter.os.system lighter.callbacks.importlib.import_module
            my_project.doors.load monai.transforms.torch.load lighter.runs.runner.logging.os.system
            my_project.doors.Door.module.system lighter.training.system.torch.load
        """),
        call("@given", TOUCH),
        call("@name", TOUCH),
        call("@layer", 1),
        call("$'os' + '.system'", TOUCH),
        call("$torch.os.system", TOUCH),
        call("os.system", TOUCH, _mode_="callable"),
        {"_target_": "builtins.dict", "_requires_": "$torch.os.system('touch done')"},
        {"_target_": "builtins.dict", "_disabled_": "$torch.os.system('touch done') == 0"},
        {"_target_": "builtins.dict", "_mode_": "$torch.os.system('touch done') or 'default'"},
        {"x": [{"y": call("os.system", TOUCH)}]},
    ],
    "expressions: names and calls": [
        f"${line}"
        for line in lines("""
            open('done', 'w')
            eval('1')
            exec('x = 1')
            compile('1', 'x', 'eval')
            __import__('os').system('touch done')
            getattr(torch, 'os')
            vars(torch)
            globals()
            dir(torch)
            type('X', (), {})
            super()
            help()
            input()
            breakpoint()
            exit()
            print(1)
            sorted([1])
            isinstance(1, int)
            map(len, ['a'])
            list(map(np.load, ['p.npy'], [None], [True]))
            list(map(map, [torch._dynamo.external_utils.getattr_from_fqn], [['os.system']]))
            list(map(help, ['this']))
            list(filter(torch.os.system, ['touch done']))
            [f('touch done') for f in [torch.os.system]]
            {f: 1 for f in [1]}
            {f for f in [1]}
            max(f for f in [1])
            (lambda: 1)()
            lambda x: x
            lambda: torch.os.system('touch done')
            (f := torch.os.system)
            [await x for x in []]
            (yield 1)
            torch.os.system('touch done')
            torch.serialization.os.getcwd()
            torch.load('payload.pt')
            torch.load('payload.pt', weights_only=False)
            torch.load('payload.pt', weights_only=1)
            torch.load('payload.pt', weights_only=1 == 1 and 2)
            torch.load('payload.pt', **{'weights_only': False})
            @unknown and torch.load('payload.pt')
            torch.load
            [torch.load]
            np.load('payload.npy', allow_pickle=True)
            np.load('payload.npy', allow_pickle=2)
            np.load('payload.npy', None, True)
            np.load(*['payload.npy', None, True])
            np.load('payload.npy', **{'allow_pickle': 1})
            {'allow_pickle': 2} and np.load('payload.npy', **{'allow_pickle': 2})
            np.savetxt('done', [1])
            np.zeros(1).tofile('done')
            np.test()
            np.testing.runstring('x = 1', {})
            np.core.multiarray
            np.array(torch.nn)
            np.array([1], like=torch)
            torch.save(1, 'done')
            torch.hub.load('.', 'x', source='local')
            torch._jit_internal.os.system('touch done')
            torch._C._dump
            torch.nn
            torch
            [torch.nn]
            os.system('touch done')
            glob.os.system('touch done')
            os.path.exists('x')
            monai.utils.optional_import('os', name='system')[0]('touch done')
            monai.utils.misc.subprocess.run(['touch', 'done'])
            monai.bundle.run()
            math.__loader__
            math.prod([1])
            math.factorial(10)
            math.comb(10, 5)
            str.format('{0.real}', 1)
            int.from_bytes(b'1')
            int.mro()
            @given('touch done')
            [@given][0]('touch done')
            @door.system('touch done')
            @door.leave('touch done')
            @layer(torch.zeros(1))
            pair[0]('touch done')
            Door.leave('touch done')
            Door().system('touch done')
            door.system('touch done')
            (torch.os.system if True else len)('touch done')
            {'f': 1}.get('f')
            len(torch.os.system)
            len(x=[1])
            sum(start=1, iterable=[])
            max([1], key=torch.os.system)
            int(torch.os)
            Config({})
        """)
    ],
    "expressions: attributes and texts": [
        f"${line}"
        for line in lines("""
            ().__class__
            ().__class__.__base__.__subclasses__()
            'x'.__class__
            @layer.__dict__
            @layer.parameters()
            @layer.weight
            @layer._modules
            @door.system
            @door.module
            @door.tools
            @door.command
            torch.zeros(1).data
            torch.zeros(1).grad_fn
            torch.zeros(1).numpy
            np.zeros(1).base
            np.zeros(1).ctypes
            torch.nn.Linear.__init__.__globals__
            torch.__dict__
            torch.__builtins__['eval']
            torch._C
            'a'.upper()
            'a'.format
            '{0.__class__}'.format(1)
            '{x}'.format_map({'x': 1})
            'a'.encode()
            'a'.join
            f'{().__class__}'
            f'{1:{10**9}}'
            f'{1:99999999}'
            f'{1:>{"9" * 9}}'
            f'{torch.os.system("touch done")}'
            f'{[].append(1)}'
            '__cla' + 'ss__'
            ['__cla' + 'ss__']
            'pred::gi_' + 'frame'
            b'x'
            3j
            [0 for torch.nn.Linear.forward in [1]]
            (x for x in [1]).gi_frame
            [].append
            {}.items()
        """)
    ],
    "odd spellings and ways round": [
        *[
            {"_target_": name, "_args_": [TOUCH]}
            for name in ("TORCH.load", " torch.load", "torch . load", "torch.load ")
        ],
        *[{"_target_": name, "_args_": [TOUCH]} for name in ("torch..load", ".torch.load", "os.system\n", "os/system")],
        *[
            {"_target_": name, "_args_": [TOUCH]}
            for name in ("../os", "model/../../x", "\uff4f\uff53.system", "run_cmd")
        ],
        *[
            {"_target_": "$np.load", "_args_": ["payload.npy", None, True]},
            {"_target_": "$torch.load", "_args_": ["x"]},
        ],
        *[call("torch.nn.Linear", 1, 1, _mode_=mode) for mode in ("$'debug'", "$'de' + 'bug'")],
        *calls("""
            ComponentLocator ConfigParser optional_import PerceptualLoss SaveImage download_url torch.nn.ModuleDict.pop
            torch.nn.Module.load_state_dict torch.nn.Embedding.from_pretrained builtins.dict.fromkeys
            builtins.str.format numpy.array.__self__.load math.sqrt.__self__.factorial
            monai.transforms.compose.Compose.__call__
        """),
        *[
            f"${line}"
            for line in lines("""
                torch.tensor.__self__
                @layer.device.type
                @layer.shape.numel()
                torch.nn.Linear.forward
                {'a': torch.hub}
                f'{torch}'
                torch.zeros(2)[torch.os]
                max(*[torch.load])
                [*torch.hub]
                not torch
                torch == np
                torch.os if 1 else 2
                1 if torch.os else 2
                str(open)
                [env][0]('X')
                __name__
                __builtins__
                __place_0__
                \uff4f\uff53.system('x')
                dict
                tuple([torch.load])
            """)
        ],
    ],
    "too large, too deep, too long": [
        *[
            f"${line}"
            for line in lines("""
                9**9**9**9
                (-9)**9**9
                2**10**5
                1 << 10**12
                pow(9, 10**9)
                (2**9000) * (2**9000)
                2**9999 * 2**9999
                'a' * 10**12
                10**12 * 'a'
                [0] * 10**12
                (0,) * 10**12
                ['a' * 1000] * 10**6
                [[0] * 1000] * 1001
                [[[0] * 100] * 100] * 101
                range(10**12)
                list(range(10**12))
                range(10**40)
                range(0, -10**9, -1)
                tuple(range(10**6))
                sum(range(10**40))
                sum([[0] * 10**5] * 10, [])
                sum([], [])
                [0] * np.int64(10**9)
                [0] * torch.tensor(10**9)
                '%1000000000d' % 1
                '%s' % 1
                str(2**20000)
                f'{2**20000}'
                int('f' * 10**6, 16)
                ['a' * 10**6] * 100
                torch.zeros(10**6, 10**6)
                torch.zeros([10**9])
                torch.ones(size=(10**5, 10**5))
                torch.full([10**9], 0)
                torch.arange(10**12)
                torch.arange(0, 1, 1e-12)
                torch.linspace(0, 1, 10**12)
                torch.eye(10**5)
                torch.zeros(10**4, 1) + torch.zeros(1, 10**5)
                torch.zeros(10**4, 1) < torch.zeros(1, 10**5)
                np.zeros((10**6, 1)) * np.zeros((1, 10**6))
                np.zeros((10**6, 1)) + [0] * 10**6
                [0] * 10**6 == np.zeros((10**6, 1))
                np.zeros(3, 'S1000000000')
                np.zeros(3, dtype='V1000000000')
                np.zeros(3, dtype=[('a', 'S1000000000')])
                np.zeros((10**6, 10**6))
                torch.zeros(1) @ torch.zeros(1)
                list(torch.zeros(10**6))
                [*range(10**6), *range(10**6)]
                @shared
                [[0] * 300000] * 2
                str(@shared)
                @shared == @shared
                len(@shared)
                np.array([2**9999]) ** 10**7
                np.array([2**100]) << 10**9
                np.full([3], 2**9000) ** 10**6
                np.arange(2**100, 2**101, 2**99) ** 10**6
                np.array([2**70])[0] << 10**9
                torch.zeros(1, 10**7)[[0] * 1000]
                np.zeros((1, 10**7))[np.zeros(1000, np.int64)]
                torch.zeros(10**4)[torch.zeros(10**4, 10**3, dtype=torch.int64)]
                torch.cat([torch.zeros(10**7)] * 1000)
                torch.stack([torch.zeros(10**7)] * 1000)
                monai.data.list_data_collate([torch.zeros(10**6)] * 1000)
                torch.nn.functional.mse_loss(torch.zeros(10**6, 1), torch.zeros(1, 10**6), reduction='none')
                torch.nn.functional.cosine_similarity(torch.zeros(10**5, 1, 2), torch.zeros(1, 10**5, 2), dim=-1)
                torch.nn.functional.adaptive_avg_pool2d(torch.zeros(1, 1, 1), 10**5)
                torch.nn.functional.interpolate(torch.zeros(1000, 1000, 1, 1), size=[1000, 1000])
                np.array([range(10**7)] * 1000)
                torch.tensor([torch.zeros(10**4)] * 10**5)
                np.linspace([0] * 10**4, [1] * 10**4, 10**5)
                sum([np.zeros(10**6)] * 10**4)
                sum([torch.zeros(10**5, 1), torch.zeros(1, 10**5)])
                1 in @forever
                torch.zeros(np.int64(10**9))
                torch.zeros(torch.tensor(10**9))
                torch.zeros(*torch.tensor([10**5, 10**5]))
                torch.ones(size=(np.array(10**5), np.array(10**5)))
                torch.arange(torch.tensor(10**10))
                np.zeros(np.array([10**5, 10**5]))
                np.linspace(0, 1, np.int64(10**10))
                torch.nn.functional.interpolate(torch.zeros(1, 1, 1, 1), size=np.int64(10**5))
                torch.nn.functional.interpolate(torch.zeros(1, 1, 1, 1), size=[torch.tensor(10**5)] * 2)
                torch.nn.functional.adaptive_avg_pool2d(torch.zeros(1, 1, 1), (torch.tensor(10**5),) * 2)
                np.array(@dataset)
                torch.tensor(@dataset)
                torch.utils.data.default_collate(@dataset)
                torch.utils.data.random_split(@dataset, [0.5, 0.5])
                monai.data.partition_dataset(@dataset, num_partitions=2)
                monai.data.decollate_batch(torch.zeros(10**6))
                {*range(0, 9999 * (2**61 - 1), 2**61 - 1), *range(0, 9999 * (2**62 - 2), 2**62 - 2)}
                torch.tensor([range(10**7), range(10**7)])
                str(@modules7)
                f'{[@modules7]!r}'
                str(@bound7)
                str(@slices11)
            """)
        ],
        "$" + "-" * 90 + "1",
        "$" + " + ".join(["1"] * 200),
        "$" + "[" * 90 + "]" * 90,
        "$" + " if 1 else ".join(["1"] * 90),
        "$[" + ", ".join(["sum(range(10**6))"] * 100) + "]",
        "$[" + ", ".join(["'a' in range(10**6)"] * 100) + "]",
        "$" + " or ".join(["(0 in [1] * 10**6)"] * 100),
        call("torch.zeros", 10**6, 10**6),
        call("torch.utils.data.random_split", "@dataset", [0.5, 0.5]),
        call("sklearn.datasets.make_blobs", n_samples=10**9),
        call("sklearn.datasets.make_blobs", 10**9),
        call("sklearn.datasets.make_blobs", centers=10**9),
        call("sklearn.datasets.make_moons", n_samples=[10**9, 1]),
        call("sklearn.datasets.make_regression", n_features=10**9),
        call("pytorch_lightning.callbacks.ModelCheckpoint", filename="{:" * 10**6),
        call("numpy.ones", [10**6, 10**6]),
        call("torch.randn", size=[10**5, 10**5]),
        call("builtins.str", "@shared"),
        call("torch.tensor", "@shared"),
        call("torch.stack", ["@big"] * 1000),
        call("numpy.array", ["$range(10**7)"] * 1000),
        call("monai.data.partition_dataset", [1], num_partitions=10**9),
        call("torch.nn.Identity", "@bound7"),
        call("builtins.str", "@modules7"),
    ],
}


STANDS: dict[str, object] = {
    "given": call("my_project.doors.give"),
    "module": call("my_project.doors.give_module"),
    "door": call("my_project.doors.Door"),
    "layer": call("torch.nn.Linear", 2, 2),
    "optimizer": call("torch.optim.SGD", "$[torch.nn.Parameter(torch.zeros(1))]", lr=1),
    "name": "os.system",
    "one": 1,
    "none": None,
    "shared": "@shared8",
    "big": "$torch.zeros(10**7)",
    "forever": call("torch.utils.data.RandomSampler", [1], replacement=True, num_samples=10**15),
}
STANDS |= {f"dataset{n}": call("torch.utils.data.ConcatDataset", [f"@dataset{n - 1}"] * 1000) for n in (1, 2, 3)}
STANDS |= {"dataset0": call("torch.utils.data.TensorDataset", "$torch.zeros(1000)"), "dataset": "@dataset3"}
STANDS |= {f"shared{n}": [f"@shared{n - 1}" if n else 0] * 10 for n in range(9)}
STANDS |= {f"slices{n}": call("builtins.slice", *[f"@slices{n - 1}" if n else 0] * 3) for n in range(12)}
for kind, mode in (("modules", {}), ("bound", {"_mode_": "callable"})):
    STANDS[f"{kind}0"] = call("torch.nn.ReLU", **mode)
    STANDS |= {f"{kind}{n}": call("torch.nn.Sequential", *[f"@{kind}{n - 1}"] * 10, **mode) for n in range(1, 8)}


def config(written: object) -> dict[str, object]:
    """A config with an attempt, and what that refers to."""
    asked = [name for name in STANDS if f"@{name.rstrip('0123456789')}" in str(written)]
    names = "$from my_project.doors import pair, Door, door"
    return {"project": "my_project", "names": names, "a": written, **{name: STANDS[name] for name in asked}}


@pytest.mark.parametrize("kind", ATTEMPTS)
def test_attempts_are_refused_and_leave_nothing(folder: Path, kind: str) -> None:
    before = sorted(folder.iterdir())
    passed: list[tuple[object, str]] = []
    for written in ATTEMPTS[kind]:
        limited = Config(config(written)).limited(ALLOW)
        if limited.check():
            continue
        try:
            limited.resolve("a")
        except ConfigError:
            continue
        except Exception as error:  # noqa: BLE001  # something was begun
            passed.append((written, repr(error)))
        else:
            passed.append((written, "built"))
    assert passed == []
    assert sorted(folder.iterdir()) == before
    assert "evil" not in sys.modules


def test_what_is_handed_on_is_judged_at_each_call(folder: Path) -> None:
    np.save(folder / "plain.npy", np.arange(3))
    written = call("torch.utils.data.DataLoader", [1], collate_fn=call("numpy.load", _mode_="callable"))
    limited = Config({"a": written}).limited(ALLOW)
    assert limited.check() == []
    handed = limited.resolve("a").collate_fn
    for load in (handed, pickle.loads(pickle.dumps(handed))):
        assert load("plain.npy").tolist() == [0, 1, 2]
        for args, more in ((("payload.npy", None, True), {}), (("payload.npy",), {"allow_pickle": 1})):
            with pytest.raises(RunError, match="may not be this under --allow, which data or a library"):
                load(*args, **more)
    (folder / "plain.npy").unlink()
    assert not (folder / "done").exists()


@pytest.mark.parametrize("filename", ["{epoch:02d}-{val/loss:.3f}", "{step}", "best", "{val/acc:>8.2%}"])
def test_names_of_checkpoints_have_formats_of_numbers(filename: str) -> None:
    made = {"a": call(TRAINER.replace("Trainer", "callbacks.ModelCheckpoint"), filename=filename)}
    assert Config(made).check(allow=ALLOW) == []


def test_what_the_attempts_stand_in_is_right() -> None:
    names = [name for name in STANDS if name.rstrip("0123456789") not in ("modules", "bound", "slices")]
    assert Config(config([f"@{name}" for name in names])).check(allow=ALLOW) == []


def test_enough_attempts_are_made() -> None:
    assert sum(map(len, ATTEMPTS.values())) > 400
