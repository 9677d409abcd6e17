// Insecure and secure code for every rule: each rule must flag all of the first kind and none of the second.
export interface Pairs {
  readonly insecure: readonly string[];
  readonly secure: readonly string[];
}

export const CODE_PAIRS: Readonly<Record<string, Pairs>> = {
  "sql-from-strings": {
    insecure: [
      "def f(name):\n    q = f\"SELECT * FROM users WHERE name = '{name}'\"\n    db.execute(q)",
      'def f(c, n):\n    c.execute("DELETE FROM t WHERE id = %s" % n)',
      'const q = "SELECT * FROM t WHERE id = " + req.params.id;\ndb.query(q, cb);',
      'def f(a):\n    q = "UPDATE t SET a = "\n    q += a\n    cur.execute(q)',
    ],
    secure: [
      'def f(name):\n    db.execute("SELECT * FROM users WHERE name = ?", (name,))',
      'TABLE = "users"\ndef f(c):\n    c.execute(f"SELECT * FROM {TABLE} WHERE id = 1")',
      "db.query('SELECT * FROM t WHERE id = $1', [req.params.id], cb);",
      'def f(name):\n    print(f"Select one from {name}")',
    ],
  },
  "command-injection": {
    insecure: [
      'import os\ndef f(host):\n    os.system("ping " + host)',
      'import subprocess\ndef f(name):\n    subprocess.run(f"tar xf {name}", shell=True)',
      "const { exec } = require('child_process');\nfunction f(name) { exec(`ls ${name}`); }",
    ],
    secure: [
      'import os\nos.system("clear")',
      'import subprocess\ndef f(name):\n    subprocess.run(["tar", "xf", name], check=True)',
      "const { execFile } = require('child_process');\nfunction f(name) { execFile('ls', [name]); }",
      "const m = /a(.)/.exec(text);\nfoo(m);",
    ],
  },
  "evaluated-text": {
    insecure: [
      "def f(text):\n    return eval(text)",
      'def f(name):\n    exec(f"import {name}")',
      "function f(text) { return new Function('x', text); }",
    ],
    secure: [
      "import ast\ndef f(text):\n    return ast.literal_eval(text)",
      'x = eval("1 + 1")',
      "function f(text) { setTimeout(() => run(text), 100); return JSON.parse(text); }",
      "model.eval()\nx = model(y)",
    ],
  },
  "template-from-text": {
    insecure: [
      'def f():\n    name = request.args.get("n")\n    return render_template_string("Hi " + name)',
      "def f(x):\n    return render_template_string(f'Hello {x}')",
      "from jinja2 import Template\ndef f(x):\n    return Template('Dear %s' % x).render()",
    ],
    secure: [
      'def f():\n    return render_template_string("Hi {{ name }}", name=request.args.get("n"))',
      "def f(x):\n    return render_template('a.html', x=x)",
      "from jinja2 import Template\ndef f(x):\n    return Template('Dear {{ x }}', autoescape=True).render(x=x)",
    ],
  },
  "markup-from-text": {
    insecure: [
      'def f():\n    n = request.args["n"]\n    return "<h1>" + n + "</h1>"',
      'from jinja2 import Template\nt = Template("<p>{{ x }}</p>", autoescape=False)',
      "el.innerHTML = location.hash;\nconst y = 1;",
      "def f(x):\n    return Markup(x)",
      'def f(x):\n    return Markup(f"<p>{x}</p>") + Markup("<br>")',
      "app.get('/', (req, res) => { res.send(`<p>${req.query.name}</p>`); });",
    ],
    secure: [
      'import html\ndef f():\n    n = html.escape(request.args["n"])\n    return "<h1>" + n + "</h1>"',
      'from jinja2 import Template\nt = Template("<p>{{ x }}</p>", autoescape=True)',
      "el.textContent = location.hash;\nconst y = 1;",
      'def f(items):\n    return f"<p>{len(items)} items</p>"',
      'def f(x):\n    page = Markup("<h1>a</h1><p>")\n    return page + x + Markup("</p>")',
      'def f(x):\n    return Markup("<p>%s</p>") % x',
      'def f(x):\n    return Markup("<p>{}</p>").format(x)',
      'def f(x):\n    page = Markup("<p>")\n    page += x\n    return page',
      'from jinja2 import Template\nt = Template("User: {{ question }}")',
    ],
  },
  "open-redirect": {
    insecure: [
      'def f():\n    return redirect(request.args.get("next"))',
      'def f():\n    to = request.form["to"]\n    return redirect(to)',
      "app.get('/go', (req, res) => { res.redirect(req.query.to); });",
    ],
    secure: [
      'def f():\n    return redirect(url_for("home"))',
      'def f():\n    return redirect("/user/" + request.args["id"])',
      "app.get('/go', (req, res) => { res.redirect('/home'); });",
    ],
  },
  "open-origins": {
    insecure: [
      'CORS(app, origins="*", supports_credentials=True)',
      'app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)',
      "app.use(cors({ origin: '*', credentials: true }));",
    ],
    secure: [
      'CORS(app, origins=["https://example.org"], supports_credentials=True)',
      'app.add_middleware(CORSMiddleware, allow_origins=["https://a.org"], allow_credentials=True)',
      "app.use(cors({ origin: 'https://a.org', credentials: true }));",
    ],
  },
  "bare-cookie": {
    insecure: [
      'resp.set_cookie("session", token, httponly=False)',
      'resp.set_cookie("auth_token", token)',
      "res.cookie('sessionId', id, { secure: false });",
    ],
    secure: [
      'resp.set_cookie("session", token, httponly=True, secure=True)',
      'resp.set_cookie("theme", "dark")',
      "res.cookie('sessionId', id, { secure: true, httpOnly: true });",
    ],
  },
  "no-csrf-guard": {
    insecure: [
      "@csrf_exempt\ndef f(request):\n    pass",
      'app.config["WTF_CSRF_ENABLED"] = False',
      "@csrf.exempt\ndef g():\n    return 1",
    ],
    secure: [
      "@csrf_protect\ndef f(request):\n    pass",
      'app.config["WTF_CSRF_ENABLED"] = True',
      "csrf = CSRFProtect(app)\ndef g():\n    return 1",
    ],
  },
  "path-from-request": {
    insecure: [
      'def f():\n    return send_file(request.args["name"])',
      'def f():\n    name = request.args.get("n")\n    with open("files/" + name) as g:\n        return g.read()',
      "app.get('/f', (req, res) => { res.sendFile(req.query.name); });",
      'def up():\n    f = request.files["f"]\n    f.save(os.path.join("up", f.filename))',
    ],
    secure: [
      'def f():\n    return send_file("a.pdf")',
      'def f():\n    name = secure_filename(request.args.get("n"))\n    with open("files/" + name) as g:\n        return g.read()',
      "app.get('/f', (req, res) => { res.sendFile('/srv/a.html'); });",
      "def f(path):\n    with open(path) as g:\n        return g.read()",
    ],
  },
  "unchecked-archive": {
    insecure: [
      "import tarfile\ndef f(p):\n    tarfile.open(p).extractall()",
      'def f(tar):\n    tar.extractall(path="../")',
      'import zipfile\ndef f(z):\n    z.extractall("/")',
    ],
    secure: [
      'import tarfile\ndef f(p):\n    tarfile.open(p).extractall("out", filter="data")',
      "import zipfile\ndef f(p):\n    zipfile.ZipFile(p).extractall('out')",
      "import tarfile\ndef f(p):\n    t = tarfile.open(p)\n    safe = [m for m in t.getmembers() if ok(m)]\n    t.extractall('out', members=safe)",
    ],
  },
  "open-permissions": {
    insecure: [
      "import os\nos.chmod(p, 0o777)",
      'import subprocess\nsubprocess.call(["chmod", "-R", "777", d])',
      "import os\nos.umask(0)",
      "fs.chmodSync(p, '0777');\nconst x = 1;",
      "import os, stat\nos.chmod(p, stat.S_IRUSR | stat.S_IWOTH)",
    ],
    secure: [
      "import os\nos.chmod(p, 0o600)",
      'import subprocess\nsubprocess.call(["chmod", "755", d])',
      "import os\nos.umask(0o077)",
      "fs.chmodSync(p, 0o644);\nconst x = 1;",
    ],
  },
  "guessed-name": {
    insecure: [
      "import tempfile\np = tempfile.mktemp()",
      "from tempfile import mktemp\np = mktemp('.txt')",
      "import os\nos.tmpnam()",
    ],
    secure: [
      "import tempfile\nfd, p = tempfile.mkstemp()",
      "import tempfile\nwith tempfile.NamedTemporaryFile() as f:\n    pass",
      "import tempfile\nd = tempfile.mkdtemp()",
    ],
  },
  "weak-digest": {
    insecure: [
      "import hashlib\ndef hash_password(p):\n    return hashlib.md5(p.encode()).hexdigest()",
      'import hashlib\ndigest = hashlib.new("sha1", password)',
      "const h = crypto.createHash('md5').update(password).digest('hex');",
    ],
    secure: [
      "import hashlib\ndef etag(body):\n    return hashlib.md5(body).hexdigest()",
      "import hashlib\ndef hash_password(p, salt):\n    return hashlib.scrypt(p, salt=salt, n=16384, r=8, p=1)",
      "const h = crypto.createHash('sha256').update(password).digest('hex');",
    ],
  },
  "weak-cipher": {
    insecure: [
      "c = AES.new(key, AES.MODE_ECB)",
      "from Crypto.Cipher import DES\nc = DES.new(key, DES.MODE_CBC)",
      "const c = crypto.createCipheriv('aes-128-ecb', key, null);",
    ],
    secure: [
      "c = AES.new(key, AES.MODE_GCM)",
      "from cryptography.fernet import Fernet\nc = Fernet(key)",
      "const c = crypto.createCipheriv('aes-256-gcm', key, iv);",
    ],
  },
  "guessed-secret": {
    insecure: [
      'import random\ntoken = "".join(random.choice(LETTERS) for _ in range(32))',
      "import random\ndef make_password():\n    return random.randint(0, 999999)",
      "const token = Math.random().toString(36);",
    ],
    secure: [
      "import secrets\ntoken = secrets.token_hex(16)",
      "import random\ndef roll():\n    return random.randint(1, 6)",
      "const x = Math.random() * 100;",
    ],
  },
  "unverified-tls": {
    insecure: [
      "requests.get(url, verify=False)",
      "import ssl\nctx = ssl._create_unverified_context()",
      "const agent = new https.Agent({ rejectUnauthorized: false });",
    ],
    secure: [
      "requests.get(url, verify=True)",
      "import ssl\nctx = ssl.create_default_context()",
      "const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: true });",
    ],
  },
  "unverified-token": {
    insecure: [
      "data = jwt.decode(token, verify=False)",
      'data = jwt.decode(token, options={"verify_signature": False})',
      "const d = jwt.verify(t, '', { algorithms: ['none'] });",
    ],
    secure: [
      'data = jwt.decode(token, key, algorithms=["HS256"])',
      'data = jwt.decode(token, key, algorithms=["RS256"], options={"verify_exp": True})',
      "const d = jwt.verify(t, key, { algorithms: ['HS256'] });",
    ],
  },
  "written-credential": {
    insecure: [
      'db_password = "kV7#pQz92!x"',
      'conn = connect(user="app", password="Tr0ub4dor&3-blue")',
      'const apiKey = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";',
    ],
    secure: [
      'db_password = os.environ["DB_PASSWORD"]',
      'conn = connect(user="app", password="password")',
      'const apiKey = "YOUR_API_KEY";',
      'token = "<your token here>"',
    ],
  },
  unpickled: {
    insecure: [
      "import pickle\nx = pickle.load(f)",
      "import yaml\nx = yaml.load(text)",
      "import yaml\nx = yaml.load(text, Loader=yaml.Loader)",
      "const s = require('node-serialize');\nconst o = s.unserialize(x); unserialize(x);",
    ],
    secure: [
      "import json\nx = json.load(f)",
      "import yaml\nx = yaml.safe_load(text)",
      "import yaml\nx = yaml.load(text, Loader=yaml.SafeLoader)",
      "import pickle\npickle.dump(x, f)",
    ],
  },
  "address-from-request": {
    insecure: [
      'def f():\n    return requests.get(request.args["url"]).text',
      'def f():\n    url = request.form.get("u")\n    return urlopen(url).read()',
      "app.get('/p', async (req, res) => { const r = await fetch(req.query.url); });",
    ],
    secure: [
      'def f():\n    return requests.get("https://api.example.org").text',
      "def f():\n    return requests.get(f\"https://api.example.org/{request.args['id']}\").text",
      "app.get('/p', async (req, res) => { const r = await fetch(CONFIG.url); });",
    ],
  },
  "outer-entities": {
    insecure: [
      "p = etree.XMLParser(resolve_entities=True)",
      "p = lxml.etree.XMLParser(load_dtd=True)",
      "const d = libxml.parseXml(x, { noent: true });",
    ],
    secure: [
      "p = etree.XMLParser(resolve_entities=False)",
      "import defusedxml.ElementTree as ET\nt = ET.parse(f)",
      "const d = libxml.parseXml(x, { noent: false });",
    ],
  },
  "loose-hostname": {
    insecure: [
      'import re\nok = re.match(r"https://.*.example.com", url)',
      'import re\nhost = re.compile(r"cache\\d+.mycompany.com")',
      "const ok = new RegExp('^https://www.example.com/').test(u);",
    ],
    secure: [
      'import re\nok = re.match(r"https://[a-z]+\\.example\\.com/", url)',
      'import re\nmail = re.compile(r"[^@]+@[^@]+")',
      "const ok = new RegExp('^https://www\\\\.example\\\\.com/').test(u);",
    ],
  },
  "debug-server": {
    insecure: ["app.run(debug=True)", "app.debug = True\nx = 1", "DEBUG = True\nALLOWED_HOSTS = []"],
    secure: ["app.run(debug=False)", "app.run()\nx = 1", 'DEBUG = os.environ.get("DEBUG") == "1"'],
  },
  "every-interface": {
    insecure: [
      'app.run(host="0.0.0.0", debug=True)',
      's.bind(("0.0.0.0", 80))',
      'uvicorn.run(app, host="0.0.0.0", debug=True)',
    ],
    secure: ['app.run(host="127.0.0.1", debug=True)', 's.bind(("127.0.0.1", 80))', 'app.run(host="0.0.0.0")'],
  },
};
