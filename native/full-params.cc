#include "full-params.h"

namespace whisper_gateway {

whisper_full_params FullParams(const TranscriptionParams& params, const char* language) {
  whisper_full_params full = whisper_full_default_params(
      params.beam_size > 1 ? WHISPER_SAMPLING_BEAM_SEARCH : WHISPER_SAMPLING_GREEDY);
  full.n_threads = params.threads;
  full.n_max_text_ctx = 16'384;
  full.offset_ms = 0;
  full.duration_ms = 0;
  full.translate = params.translate;
  full.no_context = true;
  full.no_timestamps = false;
  full.single_segment = params.single_segment;
  full.print_special = false;
  full.print_progress = false;
  full.print_realtime = false;
  full.print_timestamps = false;
  full.token_timestamps = params.word_timestamps;
  full.thold_pt = 0.01F;
  full.thold_ptsum = 0.01F;
  full.max_len = 0;
  full.split_on_word = false;
  full.max_tokens = params.max_tokens;
  full.debug_mode = false;
  full.audio_ctx = params.audio_context;
  full.tdrz_enable = false;
  full.suppress_regex = nullptr;
  full.initial_prompt = params.prompt.c_str();
  full.carry_initial_prompt = false;
  full.prompt_tokens = nullptr;
  full.prompt_n_tokens = 0;
  full.language = language;
  full.detect_language = false;
  full.suppress_blank = true;
  full.suppress_nst = params.suppress_non_speech;
  full.temperature = params.temperature;
  full.max_initial_ts = 1.0F;
  full.length_penalty = -1.0F;
  full.temperature_inc = params.temperature_increment;
  full.entropy_thold = params.entropy_threshold;
  full.logprob_thold = params.logprob_threshold;
  full.no_speech_thold = params.no_speech_threshold;
  full.greedy.best_of = params.best_of;
  full.beam_search.beam_size = params.beam_size;
  full.beam_search.patience = -1.0F;
  full.new_segment_callback = nullptr;
  full.new_segment_callback_user_data = nullptr;
  full.progress_callback = nullptr;
  full.progress_callback_user_data = nullptr;
  full.encoder_begin_callback = nullptr;
  full.encoder_begin_callback_user_data = nullptr;
  full.abort_callback = nullptr;
  full.abort_callback_user_data = nullptr;
  full.logits_filter_callback = nullptr;
  full.logits_filter_callback_user_data = nullptr;
  full.grammar_rules = nullptr;
  full.n_grammar_rules = 0;
  full.i_start_rule = 0;
  full.grammar_penalty = 100.0F;
  full.vad = false;
  full.vad_model_path = nullptr;
  full.vad_params = whisper_vad_default_params();
  return full;
}

}  // namespace whisper_gateway
