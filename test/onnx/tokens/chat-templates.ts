/** Chat templates of the kinds that open models have, and what each is to render. */

const HELLO = [
  { role: "system", content: "Be kind." },
  { role: "user", content: " hello\n" },
  { role: "assistant", content: "world " },
  { role: "user", content: "again" },
];

export interface TemplateCase {
  readonly name: string;
  readonly source: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly messages: readonly { role: string; content: string }[];
  readonly rendered: string;
}

/** Qwen2: a system prompt of its own when there is none. */
export const CHATML =
  "{%- if messages[0]['role'] == 'system' %}\n" +
  "    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\n" +
  "{%- else %}\n" +
  "    {{- '<|im_start|>system\\nhello<|im_end|>\\n' }}\n" +
  "{%- endif %}\n" +
  "{%- for message in messages %}\n" +
  '    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant") %}\n' +
  "        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n" +
  "    {%- endif %}\n" +
  "{%- endfor %}\n" +
  "{%- if add_generation_prompt %}\n" +
  "    {{- '<|im_start|>assistant\\n' }}\n" +
  "{%- endif %}\n";

/** Llama 3: contents are trimmed. */
const HEADERS =
  "{% set loop_messages = messages %}{% for message in loop_messages %}" +
  "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}" +
  "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";

/** Llama 2: the system prompt inside of the first user message, plain text around, strict roles. */
export const INST =
  "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}" +
  "{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}" +
  "{% for message in loop_messages %}" +
  "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}" +
  "{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}" +
  "{% else %}{% set content = message['content'] %}{% endif %}" +
  "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}" +
  "{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}";

export const TEMPLATES: readonly TemplateCase[] = [
  {
    name: "Qwen2",
    source: CHATML,
    tokens: {},
    messages: HELLO,
    rendered:
      "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n hello\n<|im_end|>\n<|im_start|>assistant\nworld <|im_end|>\n" +
      "<|im_start|>user\nagain<|im_end|>\n<|im_start|>assistant\n",
  },
  {
    name: "Qwen2 without a system prompt",
    source: CHATML,
    tokens: {},
    messages: HELLO.slice(3),
    rendered: "<|im_start|>system\nhello<|im_end|>\n<|im_start|>user\nagain<|im_end|>\n<|im_start|>assistant\n",
  },
  {
    name: "Llama 3",
    source: HEADERS,
    tokens: { bos_token: "<|begin_of_text|>" },
    messages: HELLO,
    rendered:
      "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nhello<|eot_id|>" +
      "<|start_header_id|>assistant<|end_header_id|>\n\nworld<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nagain<|eot_id|>" +
      "<|start_header_id|>assistant<|end_header_id|>\n\n",
  },
  {
    name: "Llama 2",
    source: INST,
    tokens: { bos_token: "<s>", eos_token: "</s>" },
    messages: HELLO,
    rendered: "<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\n hello [/INST] world </s><s>[INST] again [/INST]",
  },
];
